// @ts-check
/** The plot of a picture's error over the last minutes, and what it shows in a sentence. */

import { html, svg } from '/static/vendor/lit-html/lit-html.js';
import { DEAD_ZONE_S } from '../../sync/thresholds.js';
import { durationWords, milliseconds, t } from '../i18n.js';
import { plotOf } from './plot.js';

const WIDTH = 360;
const HEIGHT = 96;
/** Room at the left for the labels, and below for the marks. */
const LEFT = 60;
const BELOW = 16;

/** @param {import('./statistics.js').Statistics | null} statistics */
function sentence(statistics) {
  if (statistics === null) {
    return t('plot.nothing');
  }
  return t('plot.words', {
    span: durationWords(statistics.span, 'long'),
    half: milliseconds(statistics.p50),
    most: milliseconds(statistics.p95),
    worst: milliseconds(statistics.worst),
    nudges: statistics.nudges,
    seeks: statistics.seeks,
  });
}

/** A triangle for a nudge, a diamond for a seek. @param {import('./plot.js').Plot['marks'][number]} mark */
function markView({ x, method }) {
  const d = method === 'rate' ? `M${x} 2l5 9h-10z` : `M${x} 1l5 5.5l-5 5.5l-5 -5.5z`;
  return svg`<path class="mark ${method}" d=${d} transform="translate(0 ${HEIGHT})" />`;
}

/** @param {string} method */
function legend(method) {
  return html`<li>
    <svg viewBox="-7 0 14 13" aria-hidden="true">
      ${svg`<path class="mark ${method}" d=${method === 'rate' ? 'M0 2l5 9h-10z' : 'M0 1l5 5.5l-5 5.5l-5 -5.5z'} />`}
    </svg>
    ${t(`plot.${method}`)}
  </li>`;
}

/**
 * @param {readonly import('../../player/history.js').Sample[]} samples
 * @param {import('./statistics.js').Statistics | null} statistics of them
 * @param {number} now client time, s
 */
export function plotView(samples, statistics, now) {
  const frame = { width: WIDTH - LEFT, height: HEIGHT, now };
  const { span, range, lines, zone, zero, marks } = plotOf(samples, frame);
  return html`<figure class="plot">
    <svg
      viewBox="-${LEFT} -8 ${WIDTH} ${HEIGHT + BELOW + 8}"
      role="img"
      aria-label=${sentence(statistics)}
    >
      <rect class="zone" x="0" y=${zone.top} width=${WIDTH - LEFT} height=${zone.height} />
      <path class="axis" d="M0 ${zero}H${WIDTH - LEFT}" />
      <g class="labels" text-anchor="end">
        <text x="-8" y="4">${milliseconds(range, 'exceptZero')}</text>
        <text x="-8" y=${zero + 4}>0</text>
        <text x="-8" y=${HEIGHT + 4}>${milliseconds(-range)}</text>
      </g>
      ${lines.map((d) => svg`<path class="line" d=${d} />`)} ${marks.map(markView)}
    </svg>
    <figcaption>
      <p class="ends"><span>${t('plot.ago', { span: durationWords(span) })}</span><span>${t('plot.now')}</span></p>
      <ul class="legend" role="list">
        <li><span class="swatch" aria-hidden="true"></span>${t('plot.zone', { zone: milliseconds(DEAD_ZONE_S) })}</li>
        ${legend('rate')} ${legend('seek')}
      </ul>
    </figcaption>
  </figure>`;
}
