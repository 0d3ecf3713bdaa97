const plot = get('plot');
const state = { hidden: new Set(), references: new Set(), points: [], at: null };
const margin = { left: 52, right: 12, top: 26, bottom: 42 };

const chosenMetric = () => data.metrics.find((metric) => metric.id === get('metric').value);
const seen = (value) => (get('scale').value === 'decibel'
  ? (value < 1 ? -10 * Math.log10(1 - value) : NaN) : value);

// Every series of the plot: what it is called, how it is drawn, its points.
const series = () => {
  const metric = chosenMetric(), image = get('picture').value, list = [];
  if (!metric) return list;
  data.codecs.forEach((codec, place) => {
    const found = data.curves[metric.id][codec];
    if (state.hidden.has(codec)) return;
    const points = image === '' ? found.mean : (Object.hasOwn(found.images, image) ? found.images[image] : []);
    list.push({ name: codec, place, points, all: image === '' ? Object.values(found.images) : [] });
  });
  data.published.forEach((one, place) => {
    if (!state.references.has(place) || !one.metrics[metric.key] || image !== '') return;
    const points = one.metrics[metric.key].map(([x, y]) => ({ x, y, rate: one.source }));
    list.push({ name: `${one.name} (published)`, place: data.codecs.length + place, points, all: [], published: true });
  });
  return list;
};

const path = (points, x, y) => points
  .filter((point) => Number.isFinite(y(point)))
  .map((point, index) => `${index ? 'L' : 'M'}${x(point).toFixed(1)} ${y(point).toFixed(1)}`).join('');

const draw = () => {
  const width = plot.clientWidth || 600, height = plot.clientHeight || 400;
  const list = series(), spread = get('spread').value, metric = chosenMetric();
  // What others published is drawn as far as it reaches into the range of the run.
  const run = list.filter((one) => !one.published), shown = run.length ? run : list;
  const ours = shown.flatMap((one) => one.points.concat(spread === 'all' ? one.all.flat() : []));
  const band = spread === 'band' ? list.flatMap((one) => one.points.flatMap((point) => [point.low, point.high])) : [];
  const heights = ours.map((point) => seen(point.y)).concat(band.filter(Number.isFinite).map(seen));
  const log = get('axis').value === 'log';
  const across = scaled(ours.map((point) => point.x), margin.left, width - margin.right, log, width / 60);
  const up = scaled(heights, height - margin.bottom, margin.top, false, height / 50);
  const x = (point) => across.place(point.x), y = (point) => up.place(seen(point.y));
  const clip = make('clipPath', { id: 'inside' }, make('rect', {
    x: margin.left, y: margin.top, width: Math.max(0, width - margin.left - margin.right), height: height - margin.top - margin.bottom }));
  const nodes = [make('defs', {}, clip)];
  for (const tick of across.ticks) {
    nodes.push(make('line', { class: 'grid', x1: across.place(tick), x2: across.place(tick), y1: margin.top, y2: height - margin.bottom }));
    nodes.push(make('text', { x: across.place(tick), y: height - margin.bottom + 16, 'text-anchor': 'middle' }, digits(tick, 3)));
  }
  for (const tick of up.ticks) {
    nodes.push(make('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: up.place(tick), y2: up.place(tick) }));
    nodes.push(make('text', { x: margin.left - 6, y: up.place(tick) + 4, 'text-anchor': 'end' }, digits(tick, 4)));
  }
  nodes.push(make('text', { x: (margin.left + width) / 2, y: height - 6, 'text-anchor': 'middle' }, 'bits per pixel, whole files'));
  const unit = get('scale').value === 'decibel' ? 'dB of 1 - x' : metric ? metric.unit : '';
  const better = metric && (metric.higher ? 'higher is better' : 'lower is better');
  if (metric) nodes.push(make('text', { x: 4, y: 14 }, `${metric.id}${unit ? `, ${unit}` : ''} (${better})`));
  const curves = make('g', { 'clip-path': 'url(#inside)' });
  state.points = [];
  list.forEach((one, row) => {
    const ink = colour(one.place), line = { fill: 'none', stroke: ink, 'stroke-width': one.published ? 1.5 : 2 };
    if (spread === 'all') for (const points of one.all) curves.append(make('path', { ...line, d: path(points, x, y), 'stroke-width': 1, opacity: .25 }));
    if (spread === 'band' && one.points.every((point) => Number.isFinite(point.low))) {
      const top = one.points.map((point) => ({ x: point.x, y: point.high }));
      const bottom = one.points.map((point) => ({ x: point.x, y: point.low })).reverse();
      curves.append(make('path', { d: `${path(top.concat(bottom), x, y)}Z`, fill: ink, opacity: .14 }));
    }
    curves.append(make('path', { ...line, d: path(one.points, x, y), 'stroke-dasharray': one.published ? '4 4' : dash(one.place) }));
    one.points.forEach((point, column) => {
      const inside = x(point) >= margin.left && x(point) <= width - margin.right && y(point) >= margin.top && y(point) <= height - margin.bottom;
      if (!inside) return;
      const open = one.published || point.missed;
      const mark = shape(one.place, x(point), y(point), one.published ? 2.5 : 4.5,
        { class: 'point', stroke: ink, 'stroke-width': 1.5, fill: open ? 'Canvas' : ink });
      curves.append(mark);
      state.points.push({ one, point, row, column, x: x(point), y: y(point) });
    });
  });
  nodes.push(curves);
  const none = metric && !metric.pictures && get('picture').value !== '' ? 'compares sets of pictures' : 'no values';
  if (!ours.length) nodes.push(make('text', { x: width / 2, y: height / 2, 'text-anchor': 'middle' }, none));
  state.ring = make('circle', { class: 'ring', r: 8, cx: -99, cy: -99 });
  plot.replaceChildren(...nodes, state.ring);
  state.at = null;
  get('ground').textContent = metric && get('picture').value === '' ? metric.ground : '';
  get('told').textContent = 'Open marks: targets out of reach, or published. Point at a mark, or focus the plot and use the arrow keys.';
};

const tell = (found) => {
  if (!found || found === state.at) return;
  state.at = found;
  state.ring.setAttribute('cx', found.x); state.ring.setAttribute('cy', found.y);
  const { one, point } = found, metric = chosenMetric();
  let text = `${one.name}, ${point.rate}: ${digits(point.x)} bpp, ${metric.id} ${digits(point.y, 5)} ${metric.unit}`;
  if (point.pictures) text += `; ${point.pictures} pictures`;
  if (Number.isFinite(point.low)) text += `, middle half ${digits(point.low)} to ${digits(point.high)}`;
  if (point.missed) text += point.pictures ? `; out of reach on ${point.missed}` : '; target out of reach';
  get('told').textContent = text;
};

plot.addEventListener('pointermove', (event) => {
  const box = plot.getBoundingClientRect(), px = event.clientX - box.left, py = event.clientY - box.top;
  const near = state.points.map((one) => [Math.hypot(one.x - px, one.y - py), one]).sort((a, b) => a[0] - b[0])[0];
  if (near && near[0] < 40) tell(near[1]);
});
plot.addEventListener('keydown', (event) => {
  const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key], over = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if ((!along && !over) || !state.points.length) return;
  event.preventDefault();
  if (!state.at) { tell(state.points[0]); return; }
  const index = state.points.indexOf(state.at);
  if (along) {
    const next = state.points[index + along];
    if (next && next.row === state.at.row) tell(next);
    return;
  }
  const rows = [...new Set(state.points.map((point) => point.row))];
  const row = rows[(rows.indexOf(state.at.row) + over + rows.length) % rows.length];
  const others = state.points.filter((point) => point.row === row);
  tell(others.sort((a, b) => Math.abs(a.x - state.at.x) - Math.abs(b.x - state.at.x))[0]);
});

const toggle = (box, name, place, checked, changed, published) => {
  const input = make('input', { type: 'checkbox' });
  input.checked = checked;
  input.addEventListener('change', () => { changed(input.checked); draw(); });
  const icon = make('svg', { viewBox: '0 0 36 16', 'aria-hidden': 'true' },
    make('path', { d: 'M0 8H36', stroke: colour(place), 'stroke-width': 2, 'stroke-dasharray': published ? '4 4' : dash(place) }),
    shape(place, 18, 8, 5, { fill: published ? 'Canvas' : colour(place), stroke: colour(place) }));
  box.append(make('label', {}, input, icon, name));
};
data.codecs.forEach((codec, place) => toggle(get('codecs'), codec, place, true,
  (on) => (on ? state.hidden.delete(codec) : state.hidden.add(codec)), false));
data.published.forEach((one, place) => {
  if (data.published.length <= 12) state.references.add(place);
  toggle(get('others'), `${one.name} · ${one.source}`, data.codecs.length + place, state.references.has(place),
    (on) => (on ? state.references.add(place) : state.references.delete(place)), true);
});
get('references').hidden = !data.published.length;
fill(get('metric'), data.metrics.map((metric) => metric.id));
fill(get('picture'), ['', ...data.images], (image) => image || 'all of them');
if (data.metrics.some((metric) => metric.id === 'psnr')) get('metric').value = 'psnr';
const offer = () => {
  const metric = chosenMetric();
  const values = metric ? data.codecs.flatMap((codec) => data.curves[metric.id][codec].mean.map((point) => point.y)) : [];
  // The distance from 1 has a logarithm only where 1 is the best there is.
  const fits = values.length > 0 && metric.higher && values.every((value) => value > 0 && value < 1);
  get('decibels').hidden = !fits;
  if (!fits) get('scale').value = 'plain';
  get('spread').disabled = get('picture').value !== '' || !metric || !metric.pictures;
  if (get('spread').disabled) get('spread').value = 'none';
};
for (const id of ['metric', 'picture', 'axis', 'scale', 'spread']) get(id).addEventListener('change', () => { offer(); draw(); });
new ResizeObserver(draw).observe(plot);
offer(); draw();
