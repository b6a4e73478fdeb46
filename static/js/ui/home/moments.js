// @ts-check
/** The moments that a show is scheduled for: quick choices, and what a field for dates takes. */

/** @typedef {'now' | 'soon' | 'tonight' | 'other'} Choice */

export const SOON_MINUTES = 10;
const TONIGHT_HOUR = 21;

/** @param {Date} date as `<input type="datetime-local">` wants it, in this zone */
export function fieldValue(date) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** @param {Choice} choice @param {Date} now */
export function momentOf(choice, now) {
  const date = new Date(now);
  date.setMilliseconds(0);
  if (choice === 'soon') {
    date.setMinutes(date.getMinutes() + SOON_MINUTES + (date.getSeconds() ? 1 : 0), 0);
  } else if (choice === 'tonight') {
    if (date.getHours() >= TONIGHT_HOUR) {
      date.setDate(date.getDate() + 1);
    }
    date.setHours(TONIGHT_HOUR, 0, 0, 0);
  }
  return date;
}
