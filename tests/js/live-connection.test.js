// @ts-check
/** A live stream is asked for, comes, breaks and comes back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LiveConnection } from '../../static/js/player/live-connection.js';
import { LiveSource } from '../../static/js/player/live-source.js';
import { World } from './peers.js';

/** A stream that has been asked for. */
const asked = async (world = new World()) => {
  const connection = new LiveConnection('http://seans.test/whep', world.environment);
  connection.hold(0.2);
  connection.start();
  await world.pass(0);
  return { world, connection };
};

/** A stream whose frames come. */
const flowing = async (world = new World()) => {
  const { connection } = await asked(world);
  world.peer.become('connected');
  world.peer.flow();
  await world.pass(0.3);
  assert.equal(connection.state, 'flowing');
  return { world, connection };
};

test('a stream of picture and sound is asked for, with a place for channels', async () => {
  const { world, connection } = await asked();

  assert.equal(connection.state, 'connecting');
  assert.deepEqual(world.methods, ['POST']);
  const { receivers, direction, channels, remoteDescription, localDescription } = world.peer;
  assert.deepEqual(
    receivers.map(({ track }) => track.kind),
    ['video', 'audio'],
  );
  assert.equal(direction, 'recvonly');
  assert.deepEqual(channels, [{ label: 'none', options: { negotiated: true, id: 1023 } }]);
  assert.equal(remoteDescription?.sdp, 'v=0');
  assert.equal(localDescription?.type, 'offer');
});

test('the jitter buffers are set: the first picture need not wait, the sound does', async () => {
  const { world, connection } = await flowing();
  const targets = () => world.peer.receivers.map(({ jitterBufferTarget }) => jitterBufferTarget);
  assert.deepEqual(targets(), [0, 200]);

  connection.hold(0.2304);
  assert.deepEqual(targets(), [230, 230]);
  assert.equal(connection.held, 0.2304);
});

test('relays that the server names are used by the same connection, and by the next', async () => {
  const world = new World();
  world.answer = () =>
    new Response('v=0', {
      status: 201,
      headers: {
        Location: '/whep/1',
        Link: '<turn:turn.test>; rel="ice-server"; username="u"; credential="c"',
      },
    });
  await flowing(world);
  const relay = { urls: 'turn:turn.test', username: 'u', credential: 'c' };
  assert.deepEqual(
    world.peer.configurations.map(({ iceServers }) => iceServers),
    [[], [relay]],
  );

  world.peer.become('failed');
  await world.pass(1);
  assert.equal(world.peers.length, 2);
  assert.deepEqual(world.peer.configurations[0]?.iceServers, [relay]);
});

test('candidates that are found later are handed in together, without names that nobody knows', async () => {
  const { world } = await asked();
  for (const address of ['192.0.2.1', 'a-b.local', '192.0.2.2']) {
    world.peer.onicecandidate({ candidate: { candidate: `candidate:1 1 udp 1 ${address} 9 typ srflx` } });
  }
  await world.pass(0.1);
  world.peer.onicecandidate({ candidate: null });
  await world.pass(0.1);

  const patches = world.asked.filter(({ method }) => method === 'PATCH');
  assert.equal(patches.length, 1);
  assert.match(String(patches[0]?.body), /192\.0\.2\.1 .*\r\na=candidate.*192\.0\.2\.2 /);
  assert.doesNotMatch(String(patches[0]?.body), /local/);
});

test('without a connection within seconds it is said that none gets through, and tried again', async () => {
  const { world, connection } = await asked();
  await world.pass(5.1);

  assert.deepEqual([connection.state, connection.trouble], ['waiting', 'unreachable']);
  assert.deepEqual(world.methods, ['POST', 'DELETE']);
  await world.pass(1);
  assert.deepEqual([connection.state, connection.trouble], ['connecting', 'unreachable']);
});

test('each further attempt waits longer, up to a bound', async () => {
  const world = new World();
  world.answer = () => new Response('', { status: 500 });
  const connection = new LiveConnection('http://seans.test/whep', world.environment);
  connection.start();
  /** @type {number[]} */
  const times = [];
  for (let i = 0; i < 600; i += 1) {
    const before = world.asked.length;
    await world.pass(0.1);
    times.push(...(world.asked.length > before ? [world.now] : []));
  }
  const waits = times.slice(1).map((time, i) => Math.round((time - Number(times[i])) * 10) / 10);

  assert.deepEqual(waits.slice(0, 7), [0.6, 1.2, 2.4, 4.8, 9.6, 15, 15]);
  assert.equal(connection.trouble, 'server');
});

test('a stream that breaks is asked for anew, and all is well again', async () => {
  const { world, connection } = await flowing();
  world.peer.become('failed');
  assert.deepEqual([connection.state, connection.trouble], ['waiting', 'silent']);
  assert.ok(world.peer.closed);

  await world.pass(0.7);
  world.peer.become('connected');
  world.peer.flow();
  await world.pass(0.3);
  assert.deepEqual([connection.state, connection.trouble], ['flowing', null]);
  assert.notEqual(connection.stream, null);
});

test('an interruption that is over soon is none', async () => {
  const { world, connection } = await flowing();
  /** @type {string[]} */
  const states = [];
  connection.addEventListener('change', () => states.push(connection.state));
  world.peer.become('disconnected');
  await world.pass(1.5, () => world.peer.flow());
  world.peer.become('connected');
  await world.pass(5, () => world.peer.flow());
  assert.deepEqual(states, []);
  assert.equal(world.peers.length, 1);

  world.peer.become('disconnected');
  await world.pass(2.1, () => world.peer.flow());
  assert.equal(connection.state, 'waiting');
});

test('a stream that stops to send is broken, though it is connected', async () => {
  const { world, connection } = await flowing();
  await world.pass(2);
  assert.equal(connection.state, 'flowing');
  await world.pass(2);

  assert.equal(connection.trouble, 'silent');
});

test('the first frame may take longer: the server may have to make it', async () => {
  const { world, connection } = await asked();
  world.peer.become('connected');
  await world.pass(15);
  assert.equal(connection.state, 'connected');
  await world.pass(6);

  assert.equal(connection.trouble, 'silent');
});

test('its figures are those of the last second', async () => {
  const { world, connection } = await flowing();
  await world.pass(3, () => world.peer.flow());

  assert.ok(Number(connection.figures?.frames) > 25);
  assert.equal(connection.rtpTimestamp, 1234);
});

test('what is refused for good is not asked for again', async () => {
  for (const [status, trouble] of [
    [401, 'passport'],
    [403, 'forbidden'],
    [404, 'gone'],
    [406, 'codec'],
  ]) {
    const world = new World();
    world.answer = () => new Response('', { status: Number(status) });
    const { connection } = await asked(world);
    await world.pass(60);
    connection.stop();
    connection.start();
    assert.deepEqual([connection.state, connection.trouble], ['refused', trouble]);
    assert.deepEqual(world.methods, ['POST']);

    connection.reset();
    connection.start();
    assert.equal(connection.state, 'connecting');
  }
});

test('who has too many streams waits as long as the server says', async () => {
  const world = new World();
  world.answer = () => new Response('', { status: 429, headers: { 'Retry-After': '7' } });
  const { connection } = await asked(world);
  await world.pass(6.5);
  assert.deepEqual([connection.trouble, world.methods.length], ['busy', 1]);
  await world.pass(1);

  assert.equal(world.methods.length, 2);
});

test('a browser that cannot decode it does not ask', async () => {
  const world = new World();
  world.decodes = false;
  const { connection } = await asked(world);

  assert.deepEqual([connection.state, connection.trouble], ['refused', 'codec']);
  assert.deepEqual(world.methods, []);
});

test('an answer that is none is a fault of the server', async () => {
  const world = new World();
  world.answer = () => new Response('broken', { status: 201, headers: { Location: '/whep/1' } });
  const { connection } = await asked(world);

  assert.deepEqual([connection.state, connection.trouble], ['waiting', 'server']);
});

test('a stream that is ended is ended at the server, also while it was being asked for', async () => {
  const { world, connection } = await flowing();
  connection.stop();
  await world.pass(30);
  assert.deepEqual(world.methods, ['POST', 'DELETE']);
  assert.equal(connection.state, 'idle');

  connection.start();
  connection.stop();
  await world.pass(30);
  assert.deepEqual(world.methods, ['POST', 'DELETE', 'POST', 'DELETE']);
  assert.equal(world.timers.size, 0);
});

test('a channel opens where there is a connection', async () => {
  const { world, connection } = await flowing();
  assert.deepEqual(connection.openChannel('room'), { label: 'room', options: { ordered: true } });

  world.peer.become('disconnected');
  assert.equal(connection.openChannel('room'), null);
  connection.stop();
  assert.equal(connection.openChannel('room'), null);
});

test('a live source gives its element the stream of each connection', async () => {
  const { world, connection } = await asked();
  const source = new LiveSource({ kind: 'live', url: 'http://seans.test/whep' }, connection);
  const video = /** @type {any} */ ({ srcObject: null });
  source.attach(video);
  assert.equal(video.srcObject, connection.stream);
  assert.deepEqual(
    [source.ready, source.fault, source.canSeek, source.canSteer],
    [false, null, false, false],
  );
  assert.deepEqual(source.figures, { buffered: null, dropped: 0 });

  const first = video.srcObject;
  world.peer.become('failed');
  assert.equal(video.srcObject, first, 'the last picture stands');
  assert.deepEqual([source.fault, source.trouble], ['network', 'unreachable']);
  await world.pass(0.7);
  assert.notEqual(video.srcObject, first);
  source.detach();
  assert.equal(video.srcObject, null);
});

test('a live source that is not decoded counts as a format', async () => {
  const world = new World();
  world.decodes = false;
  const connection = new LiveConnection('http://seans.test/whep', world.environment);
  const source = new LiveSource({ kind: 'live', url: 'http://seans.test/whep' }, connection);
  source.start({ live: 0.25, line: 0.02 });
  assert.deepEqual([source.fault, source.refused], ['format', true]);
  source.reset();
  assert.equal(source.refused, false);
});
