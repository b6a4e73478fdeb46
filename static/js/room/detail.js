// @ts-check
/** An event that carries what it is about (CustomEvent, which node has not always had). */

export class DetailEvent extends Event {
  /**
   * @param {string} type
   * @param {unknown} detail
   */
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}
