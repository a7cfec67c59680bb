/** The format: glTF in one file. */

const SIZES = { SCALAR: 1, VEC3: 3, VEC4: 4, MAT4: 16 };

/** The numbers of a glTF, one array after another. */
export class Bin {
  /** @type {object[]} */
  #accessors = [];
  /** @type {object[]} */
  #views = [];
  /** @type {Uint8Array[]} */
  #parts = [];
  #length = 0;

  /**
   * @param {Float32Array | Uint16Array | Uint8Array} values
   * @param {keyof typeof SIZES} type
   * @param {number} [target]
   */
  add(values, type, target) {
    const componentType =
      values instanceof Float32Array ? 5126 : values instanceof Uint16Array ? 5123 : 5121;
    const bytes = new Uint8Array(values.buffer);
    this.#views.push({
      buffer: 0,
      byteOffset: this.#length,
      byteLength: bytes.length,
      ...(target && { target }),
    });
    const width = SIZES[type];
    const range = (/** @type {'min' | 'max'} */ of) => {
      const found = new Array(width).fill(of === 'min' ? Infinity : -Infinity);
      values.forEach(
        (value, index) => (found[index % width] = Math[of](found[index % width], value)),
      );
      return found;
    };
    this.#accessors.push({
      bufferView: this.#views.length - 1,
      componentType,
      count: values.length / width,
      type,
      min: range('min'),
      max: range('max'),
    });
    const filled = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    filled.set(bytes);
    this.#parts.push(filled);
    this.#length += filled.length;
    return this.#accessors.length - 1;
  }

  described() {
    return {
      accessors: this.#accessors,
      bufferViews: this.#views,
      buffers: [{ byteLength: this.#length }],
    };
  }

  bytes() {
    return joined(this.#parts, this.#length);
  }
}

/**
 * @param {Uint8Array[]} parts
 * @param {number} length
 */
function joined(parts, length) {
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/**
 * @param {object} gltf
 * @param {Uint8Array} bin
 */
export function glb(gltf, bin) {
  let text = JSON.stringify(gltf);
  const encoder = new TextEncoder();
  text += ' '.repeat((4 - (encoder.encode(text).length % 4)) % 4);
  const json = encoder.encode(text);
  const length = 12 + 8 + json.length + 8 + bin.length;
  const header = (/** @type {number[]} */ ...words) =>
    new Uint8Array(Uint32Array.from(words).buffer);
  return joined(
    [
      header(0x46546c67, 2, length),
      header(json.length, 0x4e4f534a),
      json,
      header(bin.length, 0x004e4942),
      bin,
    ],
    length,
  );
}
