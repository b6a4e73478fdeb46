// @ts-check
/** The WHEP client: what it asks, what it reads from the answer, and what a refusal says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fragmentOf, iceServersOf, WhepProblem, WhepResource } from '../../static/js/player/whep.js';

const OFFER = [
  'v=0',
  'a=group:BUNDLE 0 1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=ice-ufrag:EsAw',
  'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1',
  'a=mid:0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=ice-ufrag:EsAw',
  'a=mid:1',
  '',
].join('\r\n');

/** A server that gives one answer, and keeps what it was asked. @param {() => Response} answer */
const server = (answer) => {
  /** @type {{url: string, method: string | undefined, match: string | null, keepalive: boolean | undefined}[]} */
  const asked = [];
  return {
    asked,
    /** @type {import('../../static/js/player/whep.js').Fetch} */
    fetch: async (url, { method, headers, keepalive }) => {
      asked.push({ url, method, match: new Headers(headers).get('If-Match'), keepalive });
      return answer();
    },
  };
};

const created = () =>
  new Response('v=0\r\n', {
    status: 201,
    headers: {
      Location: 'whep/7',
      ETag: '"ice"',
      Link: '<stun:stun.example.net>; rel="ice-server"',
    },
  });

test('the ICE servers stand in the Link header', () => {
  assert.deepEqual(iceServersOf(null), []);
  assert.deepEqual(
    iceServersOf(
      '<stun:stun.example.net>; rel="ice-server", ' +
        '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="a, <b"; ' +
        'credential="say \\"x\\""; credential-type="password", ' +
        '<turns:turn.example.net:443>; rel=ice-server; username=u; credential=c, ' +
        '</terms>; rel="license"',
    ),
    [
      { urls: 'stun:stun.example.net' },
      { urls: 'turn:turn.example.net?transport=udp', username: 'a, <b', credential: 'say "x"' },
      { urls: 'turns:turn.example.net:443', username: 'u', credential: 'c' },
    ],
  );
});

test('an offer is answered by a stream of its own address', async () => {
  const { asked, fetch } = server(created);
  const stream = await WhepResource.ask('http://seans.test/api/sessions/5/whep', OFFER, fetch);

  assert.equal(stream.answer, 'v=0\r\n');
  assert.deepEqual(stream.iceServers, [{ urls: 'stun:stun.example.net' }]);
  await stream.trickle('a=candidate');
  await stream.end();
  assert.deepEqual(
    asked.map(({ url, method, match, keepalive }) => [method, url, match, keepalive]),
    [
      ['POST', 'http://seans.test/api/sessions/5/whep', null, undefined],
      ['PATCH', 'http://seans.test/api/sessions/5/whep/7', '"ice"', undefined],
      ['DELETE', 'http://seans.test/api/sessions/5/whep/7', null, true],
    ],
  );
});

test('a refusal says its status, and when to ask again', async () => {
  /** @param {Response} response */
  const refusal = (response) =>
    WhepResource.ask('http://seans.test/whep', OFFER, server(() => response).fetch).then(
      () => assert.fail('it was refused'),
      (problem) => {
        assert.ok(problem instanceof WhepProblem);
        return [problem.status, problem.retryAfter];
      },
    );

  assert.deepEqual(await refusal(new Response('', { status: 406 })), [406, 0]);
  assert.deepEqual(
    await refusal(new Response('', { status: 429, headers: { 'Retry-After': '9' } })),
    [429, 9],
  );
  assert.deepEqual(await refusal(new Response('', { status: 429 })), [429, 5]);
});

test('a server that cannot be reached is a problem without a status', async () => {
  const lost = () => Promise.reject(new TypeError('offline'));
  await assert.rejects(WhepResource.ask('http://seans.test/whep', OFFER, lost), { status: 0 });

  const broken = new Response(new ReadableStream({ pull: (stream) => stream.error(new Error('cut')) }), {
    status: 201,
    headers: { Location: '/x' },
  });
  await assert.rejects(
    WhepResource.ask('http://seans.test/whep', OFFER, () => Promise.resolve(broken)),
    {
      status: 0,
    },
  );
});

test('what happens to a candidate or an end is nobody’s trouble', async () => {
  let answers = 0;
  const stream = await WhepResource.ask('http://seans.test/whep', OFFER, () => {
    answers += 1;
    return answers === 1 ? Promise.resolve(created()) : Promise.reject(new TypeError('offline'));
  });

  await stream.trickle('a=candidate');
  await stream.end();
  assert.equal(answers, 3);
});

test('candidates are handed in with what they belong to', () => {
  const candidate = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ srflx', sdpMid: '0' };

  assert.equal(
    fragmentOf([candidate], OFFER, true),
    [
      'a=ice-ufrag:EsAw',
      'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'a=mid:0',
      'a=candidate:1 1 udp 1 192.0.2.1 9 typ srflx',
      'a=end-of-candidates',
      '',
    ].join('\r\n'),
  );
  assert.ok(!fragmentOf([candidate], OFFER, false).includes('end-of'));
});
