// @ts-check
/** The picture of a viewer who watches on their own: what they ask of it is done at once. */

/**
 * Return the orders for what a viewer asks of their own picture.
 *
 * @param {'play' | 'pause' | 'seek' | 'rate'} action
 * @param {number} value  position, s; or film seconds per second
 * @param {object} about
 * @param {import('./picture-source.js').PictureSource | null} about.source
 * @param {number} about.duration  of the film, s
 * @returns {import('../sync/media.js').ElementOrder[]}
 */
export function ownOrders(action, value, { source, duration }) {
  switch (action) {
    case 'seek':
      return source?.canSeek ? [{ do: 'seek', position: Math.min(Math.max(value, 0), duration) }] : [];
    case 'rate':
      return source?.canSteer ? [{ do: 'rate', rate: value, pitch: true }] : [];
    default:
      return [{ do: action }];
  }
}
