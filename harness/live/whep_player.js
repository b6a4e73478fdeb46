/**
 * A WHEP player in a page: joins, and reads the number that is drawn in every frame that is shown.
 *
 * `url` is the session's WHEP address, `target` the jitter buffer's in ms, or null. `line` is the
 * only address to reach the server by, [host, port], or null; `relay` is an RTCIceServer, the only
 * way to anybody, or null. Each frame is {shown: Unix ms, rtp: its timestamp, number: -1 where none
 * can be read}.
 */
async ({ url, target, line, relay }) => {
  const CELLS = 16;
  const CELL = 8;
  const WHITE = 128;

  const canvas = new OffscreenCanvas(CELLS * CELL, 2 * CELL);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const read = (video) => {
    const { videoWidth } = video;
    context.drawImage(video, 0, 0, videoWidth, videoWidth / 8, 0, 0, canvas.width, canvas.height);
    const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height);
    const bit = (cell, row) => data[4 * (width * (row * CELL + CELL / 2) + cell * CELL + CELL / 2)] > WHITE;
    let number = 0;
    for (let cell = 0; cell < CELLS; cell += 1) {
      if (bit(cell, 0) === bit(cell, 1)) {
        return -1;
      }
      number = number * 2 + (bit(cell, 0) ? 1 : 0);
    }
    return number;
  };

  const unix = (time) => performance.timeOrigin + time;
  const frames = [];
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  document.body.replaceChildren(video);
  const note = (_now, { expectedDisplayTime, rtpTimestamp }) => {
    frames.push({ shown: unix(expectedDisplayTime), rtp: rtpTimestamp, number: read(video) });
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
