// Axes: a map from values to pixels, and where the ticks stand.
const linearTicks = (low, high, count) => {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw * .999);
  const ticks = [];
  for (let tick = Math.ceil(low / step); tick * step <= high * (1 + 1e-9) + 1e-12; tick += 1) ticks.push(tick * step);
  return ticks;
};
// As many as stand apart from each other by some pixels.
const logTicks = (low, high, place, apart) => {
  for (const factors of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
      for (const factor of factors) {
        const tick = factor * 10 ** power;
        if (tick >= low * .999 && tick <= high * 1.001) ticks.push(tick);
      }
    }
    const clear = ticks.every((tick, index) => !index || Math.abs(place(tick) - place(ticks[index - 1])) >= apart);
    if (ticks.length >= 2 && clear) return ticks;
  }
  return [low, high];
};
const scaled = (values, from, to, log, count) => {
  const known = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  let [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [log ? .1 : 0, 1];
  if (log) { low /= 1.08; high *= 1.08; } else {
    const room = (high - low) * .05 || Math.abs(high) * .05 || 1;
    low -= room; high += room;
  }
  const raise = log ? Math.log : (value) => value;
  const place = (value) => from + (raise(value) - raise(low)) / (raise(high) - raise(low)) * (to - from);
  return { place, ticks: log ? logTicks(low, high, place, 34) : linearTicks(low, high, count) };
};
