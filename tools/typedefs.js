// @ts-check
/**
 * The page's types of what the server says and takes: the room protocol and HTTP.
 *
 * `node tools/typedefs.js` makes static/js/room/messages.d.ts of the published schema and of the OpenAPI
 * document; a test holds it equal to them.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const PROTOCOL = new URL('../docs/room-protocol.schema.json', import.meta.url);
const OPENAPI = new URL('../tests/golden/openapi.json', import.meta.url);

/** What is made. */
export const TYPES = new URL('../static/js/room/messages.d.ts', import.meta.url);

/**
 * Read a schema. One place for definitions, and references without words of their own: with some, each
 * would make one more type of the same.
 *
 * @param {URL} file
 * @returns {any}
 */
const read = (file) =>
  JSON.parse(
    readFileSync(file, 'utf8').replaceAll(/#\/(?:components\/schemas|\$defs)\//g, '#/definitions/'),
    (_, value) => (value?.$ref ? { $ref: value.$ref } : value),
  );

/** What the library says above each type, and nobody needs. */
const ORIGIN = /(?: \*\n)? \* This interface was referenced by[^]*?"\.\n/g;

/** @returns {Promise<string>} the text of messages.d.ts */
export async function typedefs() {
  const definitions = { ...read(OPENAPI).components.schemas, ...read(PROTOCOL).$defs };
  const text = await compile({ type: 'object', definitions }, 'Nothing', {
    additionalProperties: false,
    bannerComment: '// Made by tools/typedefs.js of what sessions and streamer/web say; change those.',
    style: { singleQuote: true, printWidth: 110 },
    unreachableDefinitions: true,
  });
  return text.replaceAll(ORIGIN, '').replaceAll('/**\n */\n', '').replace('export interface Nothing {}\n', '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(TYPES, await typedefs());
}
