const ORIGINAL = 'the original';
const loaded = new Map();
const load = (url) => {
  if (!loaded.has(url)) {
    loaded.set(url, new Promise((done, fail) => {
      const image = new Image();
      image.onload = () => done(image); image.onerror = fail; image.src = url;
    }));
  }
  return loaded.get(url);
};
const pixelsOf = (image, width, height) => {
  const canvas = make('canvas', { width, height }), context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
};
// Mean absolute difference of the channels, black for none to yellow for much.
const difference = (one, other, strength) => {
  for (let i = 0; i < one.data.length; i += 4) {
    const apart = Math.abs(one.data[i] - other.data[i]) + Math.abs(one.data[i + 1] - other.data[i + 1])
      + Math.abs(one.data[i + 2] - other.data[i + 2]);
    const share = Math.min(1, strength * apart / 765);
    one.data[i] = 255 * Math.min(1, 2 * share); one.data[i + 1] = 255 * Math.max(0, 2 * share - 1) + 90 * share * (1 - share);
    one.data[i + 2] = 160 * share * (1 - share) * 2; one.data[i + 3] = 255;
  }
  return one;
};

const picture = () => data.pictures[get('shown').value];
const entries = (codec) => picture().shown.filter((one) => one.codec === codec);
const named = (one) => `${one.rate}${one.seed ? ` seed ${one.seed}` : ''}`;
const chosen = (side) => entries(get(`${side}-codec`).value)[Number(get(`${side}-rate`).value)];
const offerRates = (side, bytes) => {
  const list = entries(get(`${side}-codec`).value), select = get(`${side}-rate`);
  const near = list.map((one, index) => [Math.abs(Math.log(one.bytes / (bytes || one.bytes))), index]).sort((a, b) => a[0] - b[0])[0];
  const before = Number(select.value);
  select.replaceChildren(...list.map((one, index) => make('option', { value: index }, `${named(one)} · ${one.bytes} bytes`)));
  select.disabled = !list.length;
  if (list.length) select.value = bytes ? near[1] : Math.min(before || 0, list.length - 1);
};

const paint = async (side) => {
  const found = picture(), one = chosen(side), overlay = get('overlay').value, canvas = get(`${side}-canvas`);
  const wanted = `${Math.random()}`;
  canvas.dataset.wanted = wanted;
  const original = await load(found.url), image = one ? await load(one.url) : original;
  const guide = overlay === 'guide' && one && one.guide ? await load(one.guide) : null;
  if (canvas.dataset.wanted !== wanted) return;
  const width = original.naturalWidth, height = original.naturalHeight;
  canvas.width = width; canvas.height = height;
  const context = canvas.getContext('2d'), strength = Number(get('strength').value);
  if (overlay === 'difference' && one) {
    context.putImageData(difference(pixelsOf(image, width, height), pixelsOf(original, width, height), strength), 0, 0);
  } else {
    context.drawImage(image, 0, 0, width, height);
    if (guide) {
      context.globalAlpha = Math.min(.9, strength / 10); context.imageSmoothingEnabled = false;
      context.drawImage(guide, 0, 0, width, height);
      context.globalAlpha = 1;
    }
  }
  const name = one ? `${one.codec}, ${named(one)}` : ORIGINAL;
  canvas.setAttribute('aria-label', `${get('shown').value}: ${name}`);
  const figures = one ? Object.entries(one.metrics).map(([metric, value]) => `${metric} ${digits(value)}`) : [];
  let text = one ? `${one.bytes} bytes, ${digits(one.bpp, 3)} bpp; ${figures.join(', ')}` : `${width} x ${height} pixels`;
  if (one && one.missed) text += '; target out of reach';
  if (overlay === 'guide' && one && !one.guide) text += '; its file carries no map';
  get(`${side}-told`).textContent = text;
  frame(width, height);
};
const repaint = () => Promise.all(['left', 'right'].map(paint)).then(() => { document.body.dataset.gallery = 'shown'; });

if (viewer) {
  const other = { left: 'right', right: 'left' };
  const begin = () => {
    const codecs = data.codecs.filter((codec) => entries(codec).length);
    for (const side of ['left', 'right']) {
      fill(get(`${side}-codec`), ['', ...codecs], (codec) => codec || ORIGINAL);
      offerRates(side);
    }
  };
  fill(get('shown'), data.images.filter((name) => Object.hasOwn(data.pictures, name)));
  begin();
  const first = data.codecs.filter((codec) => entries(codec).length);
  get('left-codec').value = first.length > 1 ? first[1] : '';
  get('right-codec').value = first[0] || '';
  offerRates('right'); offerRates('left', chosen('right') && chosen('right').bytes);
  get('shown').addEventListener('change', () => { begin(); fitAll(); repaint(); });
  for (const side of ['left', 'right']) {
    const follow = () => {
      const one = chosen(side);
      if (one && get('linked').checked && get(`${other[side]}-codec`).value) offerRates(other[side], one.bytes);
    };
    get(`${side}-codec`).addEventListener('change', () => {
      const across = chosen(other[side]);
      offerRates(side, get('linked').checked && across ? across.bytes : undefined); repaint();
    });
    get(`${side}-rate`).addEventListener('change', () => { follow(); repaint(); });
  }
  get('overlay').addEventListener('change', repaint);
  get('strength').addEventListener('change', repaint);
  get('mode').addEventListener('change', () => {
    viewer.className = get('mode').value; get('cut').disabled = get('mode').value !== 'slider';
    view.zoom = 1; frame(view.width, view.height);
  });
  repaint();
}
document.body.dataset.script = 'ran';
