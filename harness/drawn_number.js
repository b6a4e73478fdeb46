/**
 * Makes a function that returns the number drawn in the frame that a video shows; null where none
 * can be read. Row 1 of the film is 16 cells of equal squares over its whole width, the most
 * significant bit first, white is 1; row 2 is its complement.
 */
() => {
  const CELLS = 16;
  const CELL = 8;
  const WHITE = 128;

  const canvas = new OffscreenCanvas(CELLS * CELL, 2 * CELL);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (video) => {
    const { videoWidth } = video;
    context.drawImage(video, 0, 0, videoWidth, videoWidth / 8, 0, 0, canvas.width, canvas.height);
    const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height);
    const bit = (cell, row) => data[4 * (width * (row * CELL + CELL / 2) + cell * CELL + CELL / 2)] > WHITE;
    let number = 0;
    for (let cell = 0; cell < CELLS; cell += 1) {
      if (bit(cell, 0) === bit(cell, 1)) {
        return null;
      }
      number = 2 * number + Number(bit(cell, 0));
    }
    return number;
  };
};
