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
// Dark violet, blue, green, yellow: light rises with the value, so that it reads without colours.
const RAMP = [[48, 18, 80], [45, 70, 140], [32, 140, 140], [110, 200, 90], [250, 230, 60]];
const ramp = (share) => {
  const at = Math.min(1, Math.max(0, share)) * (RAMP.length - 1), low = Math.min(RAMP.length - 2, Math.floor(at));
  return RAMP[low].map((value, channel) => value + (at - low) * (RAMP[low + 1][channel] - value));
};
const LEVELS = Array.from({ length: 256 }, (_, level) => ramp(level / 255));
// Mean absolute difference of the channels, so many times amplified.
const difference = (one, other, times) => {
  for (let i = 0; i < one.data.length; i += 4) {
    const apart = (Math.abs(one.data[i] - other.data[i]) + Math.abs(one.data[i + 1] - other.data[i + 1])
      + Math.abs(one.data[i + 2] - other.data[i + 2])) / 3;
    const ink = LEVELS[Math.min(255, Math.round(times * apart))];
    one.data[i] = ink[0]; one.data[i + 1] = ink[1]; one.data[i + 2] = ink[2]; one.data[i + 3] = 255;
  }
  return one;
};
// A map in colours, or the darkness that a mask lays over what it leaves out.
const laid = (image, mask) => {
  const width = image.naturalWidth, height = image.naturalHeight, canvas = make('canvas', { width, height });
  const pixels = pixelsOf(image, width, height), { data: bytes } = pixels;
  for (let i = 0; i < bytes.length; i += 4) {
    const level = bytes[i], ink = mask ? [0, 0, 0] : LEVELS[level];
    bytes[i] = ink[0]; bytes[i + 1] = ink[1]; bytes[i + 2] = ink[2]; bytes[i + 3] = mask ? 255 - level : 255;
  }
  canvas.getContext('2d').putImageData(pixels, 0, 0);
  return canvas;
};

const picture = () => data.pictures[get('shown').value];
const entries = (codec) => picture().shown.filter((one) => one.codec === codec);
const named = (one) => `${one.rate}${one.seed ? ` seed ${one.seed}` : ''}`;
const chosen = (side) => entries(get(`${side}-codec`).value)[Number(get(`${side}-rate`).value)];
const offerRates = (side, bytes) => {
  const list = entries(get(`${side}-codec`).value), select = get(`${side}-rate`);
  const near = list.map((one, index) => [Math.abs(Math.log(one.bytes / (bytes || one.bytes))), index]).sort((a, b) => a[0] - b[0])[0];
  const before = Number(select.value);
  select.replaceChildren(...list.map((one, index) => make('option', { value: index }, `${named(one)} · ${one.bytes} B`)));
  select.disabled = !list.length;
  if (list.length) select.value = bytes ? near[1] : Math.min(before || 0, list.length - 1);
};

const paint = async (side) => {
  const found = picture(), one = chosen(side), overlay = get('overlay').value, canvas = get(`${side}-canvas`);
  const wanted = `${Math.random()}`;
  canvas.dataset.wanted = wanted;
  const original = await load(found.url), image = one ? await load(one.url) : original;
  const over = overlay === 'map' && one && one.map !== null ? data.maps[one.map] : overlay === 'mask' ? found.mask : '';
  const layer = over ? laid(await load(over), overlay === 'mask') : null;
  if (canvas.dataset.wanted !== wanted) return;
  const width = original.naturalWidth, height = original.naturalHeight;
  canvas.width = width; canvas.height = height;
  const context = canvas.getContext('2d'), strength = Number(get('strength').value);
  if (overlay === 'difference' && one) {
    context.putImageData(difference(pixelsOf(image, width, height), pixelsOf(original, width, height), strength), 0, 0);
  } else {
    context.drawImage(image, 0, 0, width, height);
    if (layer) {
      context.globalAlpha = strength / 20; context.imageSmoothingEnabled = false;
      context.drawImage(layer, 0, 0, width, height);
      context.globalAlpha = 1;
    }
  }
  const name = one ? `${one.codec}, ${named(one)}` : ORIGINAL;
  canvas.setAttribute('aria-label', `${get('shown').value}: ${name}`);
  get(`${side}-tag`).textContent = name;
  frame(width, height);
};
// What lies over the pictures, in words and with its scale.
const tellOverlay = () => {
  const overlay = get('overlay').value, strength = Number(get('strength').value), sides = ['left', 'right'].map(chosen);
  const loss = data.form.startsWith('stored without') ? '' : ' Of the pictures as they are stored on this page.';
  get('strengths').hidden = overlay === 'none';
  get('strength-name').textContent = overlay === 'difference' ? `amplified ${strength} times` : `opacity ${5 * strength} %`;
  const kind = (one) => (!one ? `${ORIGINAL}: none` : one.map === null ? `${one.codec}: none`
    : `${one.codec}: ${one.mapKind === 'sent' ? 'sent in the file' : 'computed by the encoder, not sent'}`);
  get('overlay-told').textContent = {
    none: '',
    difference: `Absolute difference from the original, mean of the channels, amplified ${strength} times: dark violet is 0, yellow ${digits(255 / strength, 3)} of 255 and more.${loss}`,
    map: `Saliency map, dark violet 0 to yellow 1. ${sides.map(kind).join('; ')}.`,
    mask: picture().mask ? 'Mask that metrics graded with: what it leaves out is darkened. No codec saw it, unless it was given the same.' : 'Metrics graded this picture without a mask.',
  }[overlay];
};
// The two sides in figures; the better one of each is bold.
const tellPair = () => {
  const sides = ['left', 'right'].map(chosen), row = (tag, ...cells) => make('tr', {}, ...cells.map(([text, mark], place) => (
    make(place ? tag : 'th', place ? (mark ? { class: 'best' } : {}) : { scope: 'row' }, text))));
  const names = sides.map((one) => (one ? `${one.codec}, ${named(one)}${one.missed ? ' (target out of reach)' : ''}` : ORIGINAL));
  get('pair').tHead.replaceChildren(row('th', ['', false], ...names.map((name) => [name, false])));
  for (const title of get('pair').tHead.rows[0].cells) title.setAttribute('scope', 'col');
  const line = (name, values, count, higher) => {
    const [one, other] = values, apart = Number.isFinite(one) && Number.isFinite(other) && one !== other;
    return row('td', [name, false], ...values.map((value, place) => [digits(value, count),
      apart && (value > values[1 - place]) === higher]));
  };
  const figures = data.metrics.filter((metric) => sides.some((one) => one && metric.id in one.metrics));
  get('pair').tBodies[0].replaceChildren(
    line('bytes', sides.map((one) => one && one.bytes), 8, false),
    line('bits per pixel', sides.map((one) => one && one.bpp), 3, false),
    ...figures.map((metric) => line(metric.unit ? `${metric.id} (${metric.unit})` : metric.id,
      sides.map((one) => one && one.metrics[metric.id]), 4, metric.higher)));
};
const repaint = () => {
  tellOverlay(); tellPair();
  return Promise.all(['left', 'right'].map(paint)).then(() => { document.body.dataset.gallery = 'shown'; });
};

if (viewer) {
  const other = { left: 'right', right: 'left' };
  const begin = () => {
    const codecs = data.codecs.filter((codec) => entries(codec).length);
    for (const side of ['left', 'right']) {
      fill(get(`${side}-codec`), ['', ...codecs], (codec) => codec || ORIGINAL);
      offerRates(side);
    }
  };
  const all = Object.values(data.pictures);
  const there = { map: all.some((one) => one.shown.some((each) => each.map !== null)), mask: all.some((one) => one.mask) };
  for (const option of [...get('overlay').options]) if (there[option.value] === false) option.remove();
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
  const usual = { difference: 5, map: 10, mask: 14 };
  get('overlay').addEventListener('change', () => {
    get('strength').value = usual[get('overlay').value] || 5; repaint();
  });
  get('strength').addEventListener('input', repaint);
  get('mode').addEventListener('change', () => {
    viewer.className = get('mode').value; get('cut').disabled = get('mode').value !== 'slider';
    view.zoom = 1; frame(view.width, view.height);
  });
  repaint();
}
document.body.dataset.script = 'ran';
