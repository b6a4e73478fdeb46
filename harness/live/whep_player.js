/**
 * A WHEP player in a page: joins, and reads the number that is drawn in every frame that is shown.
 *
 * `makeReader` is that of drawn_number.js. `url` is the session's WHEP address, `target` the jitter
 * buffer's in ms, or null. `line` is the only address to reach the server by, [host, port], or null;
 * `relay` is an RTCIceServer, the only way to anybody, or null. Each frame is {shown: Unix ms, rtp:
 * its timestamp, number: -1 where none can be read}.
 */
async (makeReader, { url, target, line, relay }) => {
  const read = makeReader();
  const unix = (time) => performance.timeOrigin + time;
  const frames = [];
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  document.body.replaceChildren(video);
  const note = (_now, { expectedDisplayTime, rtpTimestamp }) => {
    frames.push({ shown: unix(expectedDisplayTime), rtp: rtpTimestamp, number: read(video) ?? -1 });
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);

  // Addresses in an offer or an answer would be a way around the line.
  const bare = (sdp) => sdp.replace(/^a=candidate:.*\r\n/gm, '');
  const byLine = (sdp) =>
    bare(sdp).replace(
      /^a=ice-pwd:.*\r\n/gm,
      `$&a=candidate:1 1 udp 2130706431 ${line[0]} ${line[1]} typ host\r\n`,
    );

  const ways = relay === null ? {} : { iceServers: [relay], iceTransportPolicy: 'relay' };
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', ...ways });
  const stream = new MediaStream();
  video.srcObject = stream;
  for (const kind of ['video', 'audio']) {
    const { receiver } = peer.addTransceiver(kind, { direction: 'recvonly' });
    if (target !== null) {
      receiver.jitterBufferTarget = target;
    }
  }
  peer.ontrack = ({ track }) => {
    stream.addTrack(track);
    video.play().catch(() => {});
  };
  await peer.setLocalDescription(await peer.createOffer());
  const asked = unix(performance.now());
  const response = await fetch(url, {
    method: 'POST',
    body: line === null ? peer.localDescription.sdp : bare(peer.localDescription.sdp),
    headers: { 'Content-Type': 'application/sdp' },
  });
  const answer = await response.text();
  if (!response.ok) {
    throw new Error(answer);
  }
  const sdp = line === null ? answer : byLine(answer);
  await peer.setRemoteDescription({ type: 'answer', sdp });
  window.whepPlayer = {
    asked,
    frames,
    peer,
    close: () => {
      peer.close();
      return fetch(response.headers.get('Location'), { method: 'DELETE' });
    },
  };
};
