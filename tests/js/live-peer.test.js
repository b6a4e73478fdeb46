// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withStereo } from '../../static/js/player/live-peer.js';

const OPUS = 'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n';

test('an offer asks for stereo', () => {
  assert.equal(
    withStereo(OPUS),
    'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=1;minptime=10;useinbandfec=1\r\n',
  );
});

test('an offer that asks for it, or has no Opus, stays as it is', () => {
  for (const sdp of [withStereo(OPUS), 'a=rtpmap:96 VP8/90000\r\na=fmtp:96 x=1\r\n']) {
    assert.equal(withStereo(sdp), sdp);
  }
});
