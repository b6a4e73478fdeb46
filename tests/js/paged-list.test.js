// @ts-check
/** Lists that come in pages: one request at a time, and the newest question counts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PagedList } from '../../static/js/room/paged-list.js';

/** A list of words, and the requests for it that have no answer yet. */
const asking = () => {
  /**
   * @type {{query: string, cursor: string | undefined, fail: (problem: Error) => void,
   *   answer: (items: string[], next?: string) => void}[]}
   */
  const requests = [];
  /** @type {PagedList<string, string>} */
  const list = new PagedList(
    (query, cursor) =>
      new Promise((resolve, reject) => {
        requests.push({
          query,
          cursor,
          answer: (items, next) => resolve({ items, next: next ?? null }),
          fail: reject,
        });
      }),
  );
  return { list, requests };
};

/** A list that knows its first page, `a`, and that there are more. */
const begun = async () => {
  const { list, requests } = asking();
  const loading = list.load('');
  requests.shift()?.answer(['a'], 'second');
  await loading;
  return { list, requests };
};

test('nothing is known until the first page is there', async () => {
  const { list, requests } = asking();
  const loading = list.load('film');
  assert.equal(list.items, null);
  assert.equal(await list.more(), false);

  requests[0]?.answer(['a']);
  assert.equal(await loading, true);
  assert.deepEqual([list.items, list.next], [['a'], null]);
  assert.equal(await list.more(), false);
  assert.equal(requests.length, 1);
});

test('a page that is on the way is not asked for again', async () => {
  const { list, requests } = await begun();
  const first = list.more();
  const second = list.more();
  assert.equal(requests.length, 1);
  assert.equal(requests[0]?.cursor, 'second');
  requests[0]?.answer(['b'], 'third');

  assert.deepEqual([await first, await second], [true, false]);
  assert.deepEqual(list.items, ['a', 'b']);
  assert.equal(list.next, 'third');
});

test('of two questions the newer counts, in whatever order the answers come', async () => {
  const { list, requests } = await begun();
  const loads = [list.more(), list.load('o'), list.load('old')];
  requests[2]?.answer(['old'], 'older');
  requests[1]?.answer(['o']);
  requests[0]?.answer(['b']);

  assert.deepEqual(await Promise.all(loads), [false, false, true]);
  assert.deepEqual(list.items, ['old']);
  list.more();
  assert.deepEqual([requests[3]?.query, requests[3]?.cursor], ['old', 'older']);
});

test('a failure is passed on, leaves all as it was, and can be tried again', async () => {
  const { list, requests } = await begun();
  const failing = list.more();
  requests[0]?.fail(new Error('offline'));
  await assert.rejects(failing, /offline/);
  assert.deepEqual([list.items, list.next], [['a'], 'second']);

  const search = list.load('film');
  requests[1]?.fail(new Error('offline'));
  await assert.rejects(search, /offline/);
  list.more();
  assert.deepEqual([requests[2]?.query, requests[2]?.cursor], ['', 'second']);
});

test('the failure of a question that counts no more is not passed on', async () => {
  const { list, requests } = asking();
  const older = list.load('o');
  const newer = list.load('old');
  requests[0]?.fail(new Error('offline'));
  requests[1]?.answer([]);

  assert.deepEqual([await older, await newer], [false, true]);
});

test('an answer from before a change does not undo it', async () => {
  const { list, requests } = await begun();
  const loading = list.load('');
  list.change((items) => items.filter((item) => item !== 'a'));
  requests[0]?.answer(['a']);

  assert.equal(await loading, false);
  assert.deepEqual(list.items, []);
});
