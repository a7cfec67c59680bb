/*!
 * Lipwire 0.1.0, browser client. Made by `npm run build` in client-js/: edit src/, not this file.
 *
 * MIT License
 *
 * Copyright (c) 2026 The Lipwire authors
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 *
 * Contains @msgpack/msgpack (ISC):
 *
 * Copyright 2019 The MessagePack Community.
 *
 * Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

// src/emitter.js
var Emitter = class {
  /** @type {Map<keyof Events, Set<(detail: any) => void>>} */
  #listeners = /* @__PURE__ */ new Map();
  /**
   * Calls `listener` from now on; the answer takes it off again.
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(detail: Events[Name]) => void} listener
   * @returns {() => void}
   */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? /* @__PURE__ */ new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }
  /**
   * @protected
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} detail
   */
  emit(name, detail) {
    for (const listener of [...this.#listeners.get(name) ?? []]) {
      try {
        listener(detail);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
};

// src/errors.js
var CloseCode = Object.freeze({
  NORMAL: 1e3,
  GOING_AWAY: 1001,
  TOO_BIG: 1009,
  INTERNAL: 1011,
  RESTART: 1012,
  PROTOCOL: 4400,
  UNAUTHORIZED: 4401,
  FORBIDDEN: 4403,
  NOT_FOUND: 4404,
  TIMEOUT: 4408,
  TAKEN_OVER: 4409,
  RATE_LIMITED: 4429,
  OVERLOADED: 4503
});
var DERIVED = Object.freeze({
  bad_message: [CloseCode.PROTOCOL, 400],
  bad_state: [CloseCode.PROTOCOL, 409],
  unknown_type: [CloseCode.PROTOCOL, 400],
  unauthorized: [CloseCode.UNAUTHORIZED, 401],
  forbidden: [CloseCode.FORBIDDEN, 403],
  not_found: [CloseCode.NOT_FOUND, 404],
  method_not_allowed: [CloseCode.PROTOCOL, 405],
  conflict: [CloseCode.PROTOCOL, 409],
  precondition_failed: [CloseCode.PROTOCOL, 412],
  unsupported_media: [CloseCode.PROTOCOL, 415],
  unreadable: [CloseCode.PROTOCOL, 422],
  unsupported: [CloseCode.PROTOCOL, 422],
  empty_text: [CloseCode.PROTOCOL, 422],
  text_limit: [CloseCode.PROTOCOL, 413],
  message_limit: [CloseCode.TOO_BIG, 413],
  utterance_limit: [CloseCode.RATE_LIMITED, 429],
  utterance_closed: [CloseCode.PROTOCOL, 409],
  nothing_speaking: [CloseCode.PROTOCOL, 409],
  rate_limited: [CloseCode.RATE_LIMITED, 429],
  overloaded: [CloseCode.OVERLOADED, 503],
  synthesis_failed: [CloseCode.INTERNAL, 500],
  storage_unavailable: [CloseCode.INTERNAL, 503],
  idle: [CloseCode.TIMEOUT, 408],
  slow_consumer: [CloseCode.TIMEOUT, 408],
  taken_over: [CloseCode.TAKEN_OVER, 409],
  going_away: [CloseCode.RESTART, 503],
  internal: [CloseCode.INTERNAL, 500]
});
var ERROR_CODES = Object.freeze(
  /** @type {ErrorCode[]} */
  Object.keys(DERIVED)
);
function closeCodeOf(code) {
  return DERIVED[code][0];
}
function httpStatusOf(code) {
  return DERIVED[code][1];
}
var OF_CLOSE = /* @__PURE__ */ new Map(
  /** @type {[number, ErrorCode][]} */
  [
    [CloseCode.GOING_AWAY, "going_away"],
    [CloseCode.TOO_BIG, "message_limit"],
    [CloseCode.INTERNAL, "internal"],
    [CloseCode.RESTART, "going_away"],
    [CloseCode.PROTOCOL, "bad_message"],
    [CloseCode.UNAUTHORIZED, "unauthorized"],
    [CloseCode.FORBIDDEN, "forbidden"],
    [CloseCode.NOT_FOUND, "not_found"],
    [CloseCode.TIMEOUT, "idle"],
    [CloseCode.TAKEN_OVER, "taken_over"],
    [CloseCode.RATE_LIMITED, "rate_limited"],
    [CloseCode.OVERLOADED, "overloaded"]
  ]
);
var LipwireError = class _LipwireError extends Error {
  /**
   * @param {ErrorCode | LocalCode} code
   * @param {string} message what is wrong and, where it can be said, what to do
   * @param {{retryAfterMs?: number, cause?: unknown}} [details]
   */
  constructor(code, message, { retryAfterMs, cause } = {}) {
    super(message, cause === void 0 ? void 0 : { cause });
    this.name = "LipwireError";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
  /**
   * The error that a closed socket stands for.
   * @param {number} closeCode
   * @param {string} reason
   */
  static fromClose(closeCode, reason) {
    const code = OF_CLOSE.get(closeCode) ?? "connection_lost";
    return new _LipwireError(code, reason || `the connection was closed (${closeCode})`);
  }
};

// src/pcm.js
function fromS16(bytes) {
  const numbers = new Int16Array(bytes.slice().buffer);
  const samples = new Float32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) samples[i] = numbers[i] / 32768;
  return samples;
}

// node_modules/@msgpack/msgpack/dist.esm/utils/utf8.mjs
function utf8Count(str) {
  const strLength = str.length;
  let byteLength = 0;
  let pos = 0;
  while (pos < strLength) {
    let value = str.charCodeAt(pos++);
    if ((value & 4294967168) === 0) {
      byteLength++;
      continue;
    } else if ((value & 4294965248) === 0) {
      byteLength += 2;
    } else {
      if (value >= 55296 && value <= 56319) {
        if (pos < strLength) {
          const extra = str.charCodeAt(pos);
          if ((extra & 64512) === 56320) {
            ++pos;
            value = ((value & 1023) << 10) + (extra & 1023) + 65536;
          }
        }
      }
      if ((value & 4294901760) === 0) {
        byteLength += 3;
      } else {
        byteLength += 4;
      }
    }
  }
  return byteLength;
}
function utf8EncodeJs(str, output, outputOffset) {
  const strLength = str.length;
  let offset = outputOffset;
  let pos = 0;
  while (pos < strLength) {
    let value = str.charCodeAt(pos++);
    if ((value & 4294967168) === 0) {
      output[offset++] = value;
      continue;
    } else if ((value & 4294965248) === 0) {
      output[offset++] = value >> 6 & 31 | 192;
    } else {
      if (value >= 55296 && value <= 56319) {
        if (pos < strLength) {
          const extra = str.charCodeAt(pos);
          if ((extra & 64512) === 56320) {
            ++pos;
            value = ((value & 1023) << 10) + (extra & 1023) + 65536;
          }
        }
      }
      if ((value & 4294901760) === 0) {
        output[offset++] = value >> 12 & 15 | 224;
        output[offset++] = value >> 6 & 63 | 128;
      } else {
        output[offset++] = value >> 18 & 7 | 240;
        output[offset++] = value >> 12 & 63 | 128;
        output[offset++] = value >> 6 & 63 | 128;
      }
    }
    output[offset++] = value & 63 | 128;
  }
}
var sharedTextEncoder = new TextEncoder();
var TEXT_ENCODER_THRESHOLD = 50;
function utf8EncodeTE(str, output, outputOffset) {
  sharedTextEncoder.encodeInto(str, output.subarray(outputOffset));
}
function utf8Encode(str, output, outputOffset) {
  if (str.length > TEXT_ENCODER_THRESHOLD) {
    utf8EncodeTE(str, output, outputOffset);
  } else {
    utf8EncodeJs(str, output, outputOffset);
  }
}
var CHUNK_SIZE = 4096;
function utf8DecodeJs(bytes, inputOffset, byteLength) {
  let offset = inputOffset;
  const end = offset + byteLength;
  const units = [];
  let result = "";
  while (offset < end) {
    const byte1 = bytes[offset++];
    if ((byte1 & 128) === 0) {
      units.push(byte1);
    } else if ((byte1 & 224) === 192) {
      const byte2 = bytes[offset++] & 63;
      units.push((byte1 & 31) << 6 | byte2);
    } else if ((byte1 & 240) === 224) {
      const byte2 = bytes[offset++] & 63;
      const byte3 = bytes[offset++] & 63;
      units.push((byte1 & 31) << 12 | byte2 << 6 | byte3);
    } else if ((byte1 & 248) === 240) {
      const byte2 = bytes[offset++] & 63;
      const byte3 = bytes[offset++] & 63;
      const byte4 = bytes[offset++] & 63;
      let unit = (byte1 & 7) << 18 | byte2 << 12 | byte3 << 6 | byte4;
      if (unit > 65535) {
        unit -= 65536;
        units.push(unit >>> 10 & 1023 | 55296);
        unit = 56320 | unit & 1023;
      }
      units.push(unit);
    } else {
      units.push(byte1);
    }
    if (units.length >= CHUNK_SIZE) {
      result += String.fromCharCode(...units);
      units.length = 0;
    }
  }
  if (units.length > 0) {
    result += String.fromCharCode(...units);
  }
  return result;
}
var sharedTextDecoder = new TextDecoder();
var TEXT_DECODER_THRESHOLD = 200;
function utf8DecodeTD(bytes, inputOffset, byteLength) {
  const stringBytes = bytes.subarray(inputOffset, inputOffset + byteLength);
  return sharedTextDecoder.decode(stringBytes);
}
function utf8Decode(bytes, inputOffset, byteLength) {
  if (byteLength > TEXT_DECODER_THRESHOLD) {
    return utf8DecodeTD(bytes, inputOffset, byteLength);
  } else {
    return utf8DecodeJs(bytes, inputOffset, byteLength);
  }
}

// node_modules/@msgpack/msgpack/dist.esm/ExtData.mjs
var ExtData = class {
  type;
  data;
  constructor(type, data) {
    this.type = type;
    this.data = data;
  }
};

// node_modules/@msgpack/msgpack/dist.esm/DecodeError.mjs
var DecodeError = class _DecodeError extends Error {
  constructor(message) {
    super(message);
    const proto = Object.create(_DecodeError.prototype);
    Object.setPrototypeOf(this, proto);
    Object.defineProperty(this, "name", {
      configurable: true,
      enumerable: false,
      value: _DecodeError.name
    });
  }
};

// node_modules/@msgpack/msgpack/dist.esm/utils/int.mjs
var UINT32_MAX = 4294967295;
function setUint64(view, offset, value) {
  const high = value / 4294967296;
  const low = value;
  view.setUint32(offset, high);
  view.setUint32(offset + 4, low);
}
function setInt64(view, offset, value) {
  const high = Math.floor(value / 4294967296);
  const low = value;
  view.setUint32(offset, high);
  view.setUint32(offset + 4, low);
}
function getInt64(view, offset) {
  const high = view.getInt32(offset);
  const low = view.getUint32(offset + 4);
  return high * 4294967296 + low;
}
function getUint64(view, offset) {
  const high = view.getUint32(offset);
  const low = view.getUint32(offset + 4);
  return high * 4294967296 + low;
}

// node_modules/@msgpack/msgpack/dist.esm/timestamp.mjs
var EXT_TIMESTAMP = -1;
var TIMESTAMP32_MAX_SEC = 4294967296 - 1;
var TIMESTAMP64_MAX_SEC = 17179869184 - 1;
function encodeTimeSpecToTimestamp({ sec, nsec }) {
  if (sec >= 0 && nsec >= 0 && sec <= TIMESTAMP64_MAX_SEC) {
    if (nsec === 0 && sec <= TIMESTAMP32_MAX_SEC) {
      const rv = new Uint8Array(4);
      const view = new DataView(rv.buffer);
      view.setUint32(0, sec);
      return rv;
    } else {
      const secHigh = sec / 4294967296;
      const secLow = sec & 4294967295;
      const rv = new Uint8Array(8);
      const view = new DataView(rv.buffer);
      view.setUint32(0, nsec << 2 | secHigh & 3);
      view.setUint32(4, secLow);
      return rv;
    }
  } else {
    const rv = new Uint8Array(12);
    const view = new DataView(rv.buffer);
    view.setUint32(0, nsec);
    setInt64(view, 4, sec);
    return rv;
  }
}
function encodeDateToTimeSpec(date) {
  const msec = date.getTime();
  const sec = Math.floor(msec / 1e3);
  const nsec = (msec - sec * 1e3) * 1e6;
  const nsecInSec = Math.floor(nsec / 1e9);
  return {
    sec: sec + nsecInSec,
    nsec: nsec - nsecInSec * 1e9
  };
}
function encodeTimestampExtension(object) {
  if (object instanceof Date) {
    const timeSpec = encodeDateToTimeSpec(object);
    return encodeTimeSpecToTimestamp(timeSpec);
  } else {
    return null;
  }
}
function decodeTimestampToTimeSpec(data) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (data.byteLength) {
    case 4: {
      const sec = view.getUint32(0);
      const nsec = 0;
      return { sec, nsec };
    }
    case 8: {
      const nsec30AndSecHigh2 = view.getUint32(0);
      const secLow32 = view.getUint32(4);
      const sec = (nsec30AndSecHigh2 & 3) * 4294967296 + secLow32;
      const nsec = nsec30AndSecHigh2 >>> 2;
      return { sec, nsec };
    }
    case 12: {
      const sec = getInt64(view, 4);
      const nsec = view.getUint32(0);
      return { sec, nsec };
    }
    default:
      throw new DecodeError(`Unrecognized data size for timestamp (expected 4, 8, or 12): ${data.length}`);
  }
}
function decodeTimestampExtension(data) {
  const timeSpec = decodeTimestampToTimeSpec(data);
  return new Date(timeSpec.sec * 1e3 + timeSpec.nsec / 1e6);
}
var timestampExtension = {
  type: EXT_TIMESTAMP,
  encode: encodeTimestampExtension,
  decode: decodeTimestampExtension
};

// node_modules/@msgpack/msgpack/dist.esm/ExtensionCodec.mjs
var ExtensionCodec = class _ExtensionCodec {
  static defaultCodec = new _ExtensionCodec();
  // ensures ExtensionCodecType<X> matches ExtensionCodec<X>
  // this will make type errors a lot more clear
  // eslint-disable-next-line @typescript-eslint/naming-convention
  __brand;
  // built-in extensions
  builtInEncoders = [];
  builtInDecoders = [];
  // custom extensions
  encoders = [];
  decoders = [];
  constructor() {
    this.register(timestampExtension);
  }
  register({ type, encode: encode3, decode: decode3 }) {
    if (type >= 0) {
      this.encoders[type] = encode3;
      this.decoders[type] = decode3;
    } else {
      const index = -1 - type;
      this.builtInEncoders[index] = encode3;
      this.builtInDecoders[index] = decode3;
    }
  }
  tryToEncode(object, context) {
    for (let i = 0; i < this.builtInEncoders.length; i++) {
      const encodeExt = this.builtInEncoders[i];
      if (encodeExt != null) {
        const data = encodeExt(object, context);
        if (data != null) {
          const type = -1 - i;
          return new ExtData(type, data);
        }
      }
    }
    for (let i = 0; i < this.encoders.length; i++) {
      const encodeExt = this.encoders[i];
      if (encodeExt != null) {
        const data = encodeExt(object, context);
        if (data != null) {
          const type = i;
          return new ExtData(type, data);
        }
      }
    }
    if (object instanceof ExtData) {
      return object;
    }
    return null;
  }
  decode(data, type, context) {
    const decodeExt = type < 0 ? this.builtInDecoders[-1 - type] : this.decoders[type];
    if (decodeExt) {
      return decodeExt(data, type, context);
    } else {
      return new ExtData(type, data);
    }
  }
};

// node_modules/@msgpack/msgpack/dist.esm/utils/typedArrays.mjs
function isArrayBufferLike(buffer) {
  return buffer instanceof ArrayBuffer || typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}
function ensureUint8Array(buffer) {
  if (buffer instanceof Uint8Array) {
    return buffer;
  } else if (ArrayBuffer.isView(buffer)) {
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } else if (isArrayBufferLike(buffer)) {
    return new Uint8Array(buffer);
  } else {
    return Uint8Array.from(buffer);
  }
}

// node_modules/@msgpack/msgpack/dist.esm/Encoder.mjs
var DEFAULT_MAX_DEPTH = 100;
var DEFAULT_INITIAL_BUFFER_SIZE = 2048;
var Encoder = class _Encoder {
  extensionCodec;
  context;
  useBigInt64;
  maxDepth;
  initialBufferSize;
  sortKeys;
  forceFloat32;
  ignoreUndefined;
  forceIntegerToFloat;
  pos;
  view;
  bytes;
  entered = false;
  constructor(options) {
    this.extensionCodec = options?.extensionCodec ?? ExtensionCodec.defaultCodec;
    this.context = options?.context;
    this.useBigInt64 = options?.useBigInt64 ?? false;
    this.maxDepth = options?.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.initialBufferSize = options?.initialBufferSize ?? DEFAULT_INITIAL_BUFFER_SIZE;
    this.sortKeys = options?.sortKeys ?? false;
    this.forceFloat32 = options?.forceFloat32 ?? false;
    this.ignoreUndefined = options?.ignoreUndefined ?? false;
    this.forceIntegerToFloat = options?.forceIntegerToFloat ?? false;
    this.pos = 0;
    this.view = new DataView(new ArrayBuffer(this.initialBufferSize));
    this.bytes = new Uint8Array(this.view.buffer);
  }
  clone() {
    return new _Encoder({
      extensionCodec: this.extensionCodec,
      context: this.context,
      useBigInt64: this.useBigInt64,
      maxDepth: this.maxDepth,
      initialBufferSize: this.initialBufferSize,
      sortKeys: this.sortKeys,
      forceFloat32: this.forceFloat32,
      ignoreUndefined: this.ignoreUndefined,
      forceIntegerToFloat: this.forceIntegerToFloat
    });
  }
  reinitializeState() {
    this.pos = 0;
  }
  /**
   * This is almost equivalent to {@link Encoder#encode}, but it returns an reference of the encoder's internal buffer and thus much faster than {@link Encoder#encode}.
   *
   * @returns Encodes the object and returns a shared reference the encoder's internal buffer.
   */
  encodeSharedRef(object) {
    if (this.entered) {
      const instance = this.clone();
      return instance.encodeSharedRef(object);
    }
    try {
      this.entered = true;
      this.reinitializeState();
      this.doEncode(object, 1);
      return this.bytes.subarray(0, this.pos);
    } finally {
      this.entered = false;
    }
  }
  /**
   * @returns Encodes the object and returns a copy of the encoder's internal buffer.
   */
  encode(object) {
    if (this.entered) {
      const instance = this.clone();
      return instance.encode(object);
    }
    try {
      this.entered = true;
      this.reinitializeState();
      this.doEncode(object, 1);
      return this.bytes.slice(0, this.pos);
    } finally {
      this.entered = false;
    }
  }
  doEncode(object, depth) {
    if (depth > this.maxDepth) {
      throw new Error(`Too deep objects in depth ${depth}`);
    }
    if (object == null) {
      this.encodeNil();
    } else if (typeof object === "boolean") {
      this.encodeBoolean(object);
    } else if (typeof object === "number") {
      if (!this.forceIntegerToFloat) {
        this.encodeNumber(object);
      } else {
        this.encodeNumberAsFloat(object);
      }
    } else if (typeof object === "string") {
      this.encodeString(object);
    } else if (this.useBigInt64 && typeof object === "bigint") {
      this.encodeBigInt64(object);
    } else {
      this.encodeObject(object, depth);
    }
  }
  ensureBufferSizeToWrite(sizeToWrite) {
    const requiredSize = this.pos + sizeToWrite;
    if (this.view.byteLength < requiredSize) {
      this.resizeBuffer(requiredSize * 2);
    }
  }
  resizeBuffer(newSize) {
    const newBuffer = new ArrayBuffer(newSize);
    const newBytes = new Uint8Array(newBuffer);
    const newView = new DataView(newBuffer);
    newBytes.set(this.bytes);
    this.view = newView;
    this.bytes = newBytes;
  }
  encodeNil() {
    this.writeU8(192);
  }
  encodeBoolean(object) {
    if (object === false) {
      this.writeU8(194);
    } else {
      this.writeU8(195);
    }
  }
  encodeNumber(object) {
    if (!this.forceIntegerToFloat && Number.isSafeInteger(object)) {
      if (object >= 0) {
        if (object < 128) {
          this.writeU8(object);
        } else if (object < 256) {
          this.writeU8(204);
          this.writeU8(object);
        } else if (object < 65536) {
          this.writeU8(205);
          this.writeU16(object);
        } else if (object < 4294967296) {
          this.writeU8(206);
          this.writeU32(object);
        } else if (!this.useBigInt64) {
          this.writeU8(207);
          this.writeU64(object);
        } else {
          this.encodeNumberAsFloat(object);
        }
      } else {
        if (object >= -32) {
          this.writeU8(224 | object + 32);
        } else if (object >= -128) {
          this.writeU8(208);
          this.writeI8(object);
        } else if (object >= -32768) {
          this.writeU8(209);
          this.writeI16(object);
        } else if (object >= -2147483648) {
          this.writeU8(210);
          this.writeI32(object);
        } else if (!this.useBigInt64) {
          this.writeU8(211);
          this.writeI64(object);
        } else {
          this.encodeNumberAsFloat(object);
        }
      }
    } else {
      this.encodeNumberAsFloat(object);
    }
  }
  encodeNumberAsFloat(object) {
    if (this.forceFloat32) {
      this.writeU8(202);
      this.writeF32(object);
    } else {
      this.writeU8(203);
      this.writeF64(object);
    }
  }
  encodeBigInt64(object) {
    if (object >= BigInt(0)) {
      this.writeU8(207);
      this.writeBigUint64(object);
    } else {
      this.writeU8(211);
      this.writeBigInt64(object);
    }
  }
  writeStringHeader(byteLength) {
    if (byteLength < 32) {
      this.writeU8(160 + byteLength);
    } else if (byteLength < 256) {
      this.writeU8(217);
      this.writeU8(byteLength);
    } else if (byteLength < 65536) {
      this.writeU8(218);
      this.writeU16(byteLength);
    } else if (byteLength < 4294967296) {
      this.writeU8(219);
      this.writeU32(byteLength);
    } else {
      throw new Error(`Too long string: ${byteLength} bytes in UTF-8`);
    }
  }
  encodeString(object) {
    const maxHeaderSize = 1 + 4;
    const byteLength = utf8Count(object);
    this.ensureBufferSizeToWrite(maxHeaderSize + byteLength);
    this.writeStringHeader(byteLength);
    utf8Encode(object, this.bytes, this.pos);
    this.pos += byteLength;
  }
  encodeObject(object, depth) {
    const ext = this.extensionCodec.tryToEncode(object, this.context);
    if (ext != null) {
      this.encodeExtension(ext);
    } else if (Array.isArray(object)) {
      this.encodeArray(object, depth);
    } else if (ArrayBuffer.isView(object)) {
      this.encodeBinary(object);
    } else if (typeof object === "object") {
      this.encodeMap(object, depth);
    } else {
      throw new Error(`Unrecognized object: ${Object.prototype.toString.apply(object)}`);
    }
  }
  encodeBinary(object) {
    const size = object.byteLength;
    if (size < 256) {
      this.writeU8(196);
      this.writeU8(size);
    } else if (size < 65536) {
      this.writeU8(197);
      this.writeU16(size);
    } else if (size < 4294967296) {
      this.writeU8(198);
      this.writeU32(size);
    } else {
      throw new Error(`Too large binary: ${size}`);
    }
    const bytes = ensureUint8Array(object);
    this.writeU8a(bytes);
  }
  encodeArray(object, depth) {
    const size = object.length;
    if (size < 16) {
      this.writeU8(144 + size);
    } else if (size < 65536) {
      this.writeU8(220);
      this.writeU16(size);
    } else if (size < 4294967296) {
      this.writeU8(221);
      this.writeU32(size);
    } else {
      throw new Error(`Too large array: ${size}`);
    }
    for (const item of object) {
      this.doEncode(item, depth + 1);
    }
  }
  countWithoutUndefined(object, keys) {
    let count = 0;
    for (const key of keys) {
      if (object[key] !== void 0) {
        count++;
      }
    }
    return count;
  }
  encodeMap(object, depth) {
    const keys = Object.keys(object);
    if (this.sortKeys) {
      keys.sort();
    }
    const size = this.ignoreUndefined ? this.countWithoutUndefined(object, keys) : keys.length;
    if (size < 16) {
      this.writeU8(128 + size);
    } else if (size < 65536) {
      this.writeU8(222);
      this.writeU16(size);
    } else if (size < 4294967296) {
      this.writeU8(223);
      this.writeU32(size);
    } else {
      throw new Error(`Too large map object: ${size}`);
    }
    for (const key of keys) {
      const value = object[key];
      if (!(this.ignoreUndefined && value === void 0)) {
        this.encodeString(key);
        this.doEncode(value, depth + 1);
      }
    }
  }
  encodeExtension(ext) {
    if (typeof ext.data === "function") {
      const data = ext.data(this.pos + 6);
      const size2 = data.length;
      if (size2 >= 4294967296) {
        throw new Error(`Too large extension object: ${size2}`);
      }
      this.writeU8(201);
      this.writeU32(size2);
      this.writeI8(ext.type);
      this.writeU8a(data);
      return;
    }
    const size = ext.data.length;
    if (size === 1) {
      this.writeU8(212);
    } else if (size === 2) {
      this.writeU8(213);
    } else if (size === 4) {
      this.writeU8(214);
    } else if (size === 8) {
      this.writeU8(215);
    } else if (size === 16) {
      this.writeU8(216);
    } else if (size < 256) {
      this.writeU8(199);
      this.writeU8(size);
    } else if (size < 65536) {
      this.writeU8(200);
      this.writeU16(size);
    } else if (size < 4294967296) {
      this.writeU8(201);
      this.writeU32(size);
    } else {
      throw new Error(`Too large extension object: ${size}`);
    }
    this.writeI8(ext.type);
    this.writeU8a(ext.data);
  }
  writeU8(value) {
    this.ensureBufferSizeToWrite(1);
    this.view.setUint8(this.pos, value);
    this.pos++;
  }
  writeU8a(values) {
    const size = values.length;
    this.ensureBufferSizeToWrite(size);
    this.bytes.set(values, this.pos);
    this.pos += size;
  }
  writeI8(value) {
    this.ensureBufferSizeToWrite(1);
    this.view.setInt8(this.pos, value);
    this.pos++;
  }
  writeU16(value) {
    this.ensureBufferSizeToWrite(2);
    this.view.setUint16(this.pos, value);
    this.pos += 2;
  }
  writeI16(value) {
    this.ensureBufferSizeToWrite(2);
    this.view.setInt16(this.pos, value);
    this.pos += 2;
  }
  writeU32(value) {
    this.ensureBufferSizeToWrite(4);
    this.view.setUint32(this.pos, value);
    this.pos += 4;
  }
  writeI32(value) {
    this.ensureBufferSizeToWrite(4);
    this.view.setInt32(this.pos, value);
    this.pos += 4;
  }
  writeF32(value) {
    this.ensureBufferSizeToWrite(4);
    this.view.setFloat32(this.pos, value);
    this.pos += 4;
  }
  writeF64(value) {
    this.ensureBufferSizeToWrite(8);
    this.view.setFloat64(this.pos, value);
    this.pos += 8;
  }
  writeU64(value) {
    this.ensureBufferSizeToWrite(8);
    setUint64(this.view, this.pos, value);
    this.pos += 8;
  }
  writeI64(value) {
    this.ensureBufferSizeToWrite(8);
    setInt64(this.view, this.pos, value);
    this.pos += 8;
  }
  writeBigUint64(value) {
    this.ensureBufferSizeToWrite(8);
    this.view.setBigUint64(this.pos, value);
    this.pos += 8;
  }
  writeBigInt64(value) {
    this.ensureBufferSizeToWrite(8);
    this.view.setBigInt64(this.pos, value);
    this.pos += 8;
  }
};

// node_modules/@msgpack/msgpack/dist.esm/encode.mjs
function encode(value, options) {
  const encoder = new Encoder(options);
  return encoder.encodeSharedRef(value);
}

// node_modules/@msgpack/msgpack/dist.esm/utils/prettyByte.mjs
function prettyByte(byte) {
  return `${byte < 0 ? "-" : ""}0x${Math.abs(byte).toString(16).padStart(2, "0")}`;
}

// node_modules/@msgpack/msgpack/dist.esm/CachedKeyDecoder.mjs
var DEFAULT_MAX_KEY_LENGTH = 16;
var DEFAULT_MAX_LENGTH_PER_KEY = 16;
var CachedKeyDecoder = class {
  hit = 0;
  miss = 0;
  caches;
  maxKeyLength;
  maxLengthPerKey;
  constructor(maxKeyLength = DEFAULT_MAX_KEY_LENGTH, maxLengthPerKey = DEFAULT_MAX_LENGTH_PER_KEY) {
    this.maxKeyLength = maxKeyLength;
    this.maxLengthPerKey = maxLengthPerKey;
    this.caches = [];
    for (let i = 0; i < this.maxKeyLength; i++) {
      this.caches.push([]);
    }
  }
  canBeCached(byteLength) {
    return byteLength > 0 && byteLength <= this.maxKeyLength;
  }
  find(bytes, inputOffset, byteLength) {
    const records = this.caches[byteLength - 1];
    FIND_CHUNK: for (const record of records) {
      const recordBytes = record.bytes;
      for (let j = 0; j < byteLength; j++) {
        if (recordBytes[j] !== bytes[inputOffset + j]) {
          continue FIND_CHUNK;
        }
      }
      return record.str;
    }
    return null;
  }
  store(bytes, value) {
    const records = this.caches[bytes.length - 1];
    const record = { bytes, str: value };
    if (records.length >= this.maxLengthPerKey) {
      records[Math.random() * records.length | 0] = record;
    } else {
      records.push(record);
    }
  }
  decode(bytes, inputOffset, byteLength) {
    const cachedValue = this.find(bytes, inputOffset, byteLength);
    if (cachedValue != null) {
      this.hit++;
      return cachedValue;
    }
    this.miss++;
    const str = utf8DecodeJs(bytes, inputOffset, byteLength);
    const slicedCopyOfBytes = Uint8Array.prototype.slice.call(bytes, inputOffset, inputOffset + byteLength);
    this.store(slicedCopyOfBytes, str);
    return str;
  }
};

// node_modules/@msgpack/msgpack/dist.esm/Decoder.mjs
var STATE_ARRAY = "array";
var STATE_MAP_KEY = "map_key";
var STATE_MAP_VALUE = "map_value";
var mapKeyConverter = (key) => {
  if (typeof key === "string" || typeof key === "number") {
    return key;
  }
  throw new DecodeError("The type of key must be string or number but " + typeof key);
};
var StackPool = class {
  stack = [];
  stackHeadPosition = -1;
  get length() {
    return this.stackHeadPosition + 1;
  }
  top() {
    return this.stack[this.stackHeadPosition];
  }
  pushArrayState(size) {
    const state = this.getUninitializedStateFromPool();
    state.type = STATE_ARRAY;
    state.position = 0;
    state.size = size;
    state.array = new Array(size);
  }
  pushMapState(size) {
    const state = this.getUninitializedStateFromPool();
    state.type = STATE_MAP_KEY;
    state.readCount = 0;
    state.size = size;
    state.map = {};
  }
  getUninitializedStateFromPool() {
    this.stackHeadPosition++;
    if (this.stackHeadPosition === this.stack.length) {
      const partialState = {
        type: void 0,
        size: 0,
        array: void 0,
        position: 0,
        readCount: 0,
        map: void 0,
        key: null
      };
      this.stack.push(partialState);
    }
    return this.stack[this.stackHeadPosition];
  }
  release(state) {
    const topStackState = this.stack[this.stackHeadPosition];
    if (topStackState !== state) {
      throw new Error("Invalid stack state. Released state is not on top of the stack.");
    }
    if (state.type === STATE_ARRAY) {
      const partialState = state;
      partialState.size = 0;
      partialState.array = void 0;
      partialState.position = 0;
      partialState.type = void 0;
    }
    if (state.type === STATE_MAP_KEY || state.type === STATE_MAP_VALUE) {
      const partialState = state;
      partialState.size = 0;
      partialState.map = void 0;
      partialState.readCount = 0;
      partialState.type = void 0;
    }
    this.stackHeadPosition--;
  }
  reset() {
    this.stack.length = 0;
    this.stackHeadPosition = -1;
  }
};
var HEAD_BYTE_REQUIRED = -1;
var EMPTY_VIEW = new DataView(new ArrayBuffer(0));
var EMPTY_BYTES = new Uint8Array(EMPTY_VIEW.buffer);
try {
  EMPTY_VIEW.getInt8(0);
} catch (e) {
  if (!(e instanceof RangeError)) {
    throw new Error("This module is not supported in the current JavaScript engine because DataView does not throw RangeError on out-of-bounds access");
  }
}
var MORE_DATA = new RangeError("Insufficient data");
var sharedCachedKeyDecoder = new CachedKeyDecoder();
var Decoder = class _Decoder {
  extensionCodec;
  context;
  useBigInt64;
  rawStrings;
  maxStrLength;
  maxBinLength;
  maxArrayLength;
  maxMapLength;
  maxExtLength;
  keyDecoder;
  mapKeyConverter;
  totalPos = 0;
  pos = 0;
  view = EMPTY_VIEW;
  bytes = EMPTY_BYTES;
  headByte = HEAD_BYTE_REQUIRED;
  stack = new StackPool();
  entered = false;
  constructor(options) {
    this.extensionCodec = options?.extensionCodec ?? ExtensionCodec.defaultCodec;
    this.context = options?.context;
    this.useBigInt64 = options?.useBigInt64 ?? false;
    this.rawStrings = options?.rawStrings ?? false;
    this.maxStrLength = options?.maxStrLength ?? UINT32_MAX;
    this.maxBinLength = options?.maxBinLength ?? UINT32_MAX;
    this.maxArrayLength = options?.maxArrayLength ?? UINT32_MAX;
    this.maxMapLength = options?.maxMapLength ?? UINT32_MAX;
    this.maxExtLength = options?.maxExtLength ?? UINT32_MAX;
    this.keyDecoder = options?.keyDecoder !== void 0 ? options.keyDecoder : sharedCachedKeyDecoder;
    this.mapKeyConverter = options?.mapKeyConverter ?? mapKeyConverter;
  }
  clone() {
    return new _Decoder({
      extensionCodec: this.extensionCodec,
      context: this.context,
      useBigInt64: this.useBigInt64,
      rawStrings: this.rawStrings,
      maxStrLength: this.maxStrLength,
      maxBinLength: this.maxBinLength,
      maxArrayLength: this.maxArrayLength,
      maxMapLength: this.maxMapLength,
      maxExtLength: this.maxExtLength,
      keyDecoder: this.keyDecoder
    });
  }
  reinitializeState() {
    this.totalPos = 0;
    this.headByte = HEAD_BYTE_REQUIRED;
    this.stack.reset();
  }
  setBuffer(buffer) {
    const bytes = ensureUint8Array(buffer);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = 0;
  }
  appendBuffer(buffer) {
    if (this.headByte === HEAD_BYTE_REQUIRED && !this.hasRemaining(1)) {
      this.setBuffer(buffer);
    } else {
      const remainingData = this.bytes.subarray(this.pos);
      const newData = ensureUint8Array(buffer);
      const newBuffer = new Uint8Array(remainingData.length + newData.length);
      newBuffer.set(remainingData);
      newBuffer.set(newData, remainingData.length);
      this.setBuffer(newBuffer);
    }
  }
  hasRemaining(size) {
    return this.view.byteLength - this.pos >= size;
  }
  createExtraByteError(posToShow) {
    const { view, pos } = this;
    return new RangeError(`Extra ${view.byteLength - pos} of ${view.byteLength} byte(s) found at buffer[${posToShow}]`);
  }
  /**
   * @throws {@link DecodeError}
   * @throws {@link RangeError}
   */
  decode(buffer) {
    if (this.entered) {
      const instance = this.clone();
      return instance.decode(buffer);
    }
    try {
      this.entered = true;
      this.reinitializeState();
      this.setBuffer(buffer);
      const object = this.doDecodeSync();
      if (this.hasRemaining(1)) {
        throw this.createExtraByteError(this.pos);
      }
      return object;
    } finally {
      this.entered = false;
    }
  }
  *decodeMulti(buffer) {
    if (this.entered) {
      const instance = this.clone();
      yield* instance.decodeMulti(buffer);
      return;
    }
    try {
      this.entered = true;
      this.reinitializeState();
      this.setBuffer(buffer);
      while (this.hasRemaining(1)) {
        yield this.doDecodeSync();
      }
    } finally {
      this.entered = false;
    }
  }
  async decodeAsync(stream) {
    if (this.entered) {
      const instance = this.clone();
      return instance.decodeAsync(stream);
    }
    try {
      this.entered = true;
      let decoded = false;
      let object;
      for await (const buffer of stream) {
        if (decoded) {
          this.entered = false;
          throw this.createExtraByteError(this.totalPos);
        }
        this.appendBuffer(buffer);
        try {
          object = this.doDecodeSync();
          decoded = true;
        } catch (e) {
          if (!(e instanceof RangeError)) {
            throw e;
          }
        }
        this.totalPos += this.pos;
      }
      if (decoded) {
        if (this.hasRemaining(1)) {
          throw this.createExtraByteError(this.totalPos);
        }
        return object;
      }
      const { headByte, pos, totalPos } = this;
      throw new RangeError(`Insufficient data in parsing ${prettyByte(headByte)} at ${totalPos} (${pos} in the current buffer)`);
    } finally {
      this.entered = false;
    }
  }
  decodeArrayStream(stream) {
    return this.decodeMultiAsync(stream, true);
  }
  decodeStream(stream) {
    return this.decodeMultiAsync(stream, false);
  }
  async *decodeMultiAsync(stream, isArray) {
    if (this.entered) {
      const instance = this.clone();
      yield* instance.decodeMultiAsync(stream, isArray);
      return;
    }
    try {
      this.entered = true;
      let isArrayHeaderRequired = isArray;
      let arrayItemsLeft = -1;
      for await (const buffer of stream) {
        if (isArray && arrayItemsLeft === 0) {
          throw this.createExtraByteError(this.totalPos);
        }
        this.appendBuffer(buffer);
        if (isArrayHeaderRequired) {
          arrayItemsLeft = this.readArraySize();
          isArrayHeaderRequired = false;
          this.complete();
        }
        try {
          while (true) {
            yield this.doDecodeSync();
            if (--arrayItemsLeft === 0) {
              break;
            }
          }
        } catch (e) {
          if (!(e instanceof RangeError)) {
            throw e;
          }
        }
        this.totalPos += this.pos;
      }
    } finally {
      this.entered = false;
    }
  }
  doDecodeSync() {
    DECODE: while (true) {
      const headByte = this.readHeadByte();
      let object;
      if (headByte >= 224) {
        object = headByte - 256;
      } else if (headByte < 192) {
        if (headByte < 128) {
          object = headByte;
        } else if (headByte < 144) {
          const size = headByte - 128;
          if (size !== 0) {
            this.pushMapState(size);
            this.complete();
            continue DECODE;
          } else {
            object = {};
          }
        } else if (headByte < 160) {
          const size = headByte - 144;
          if (size !== 0) {
            this.pushArrayState(size);
            this.complete();
            continue DECODE;
          } else {
            object = [];
          }
        } else {
          const byteLength = headByte - 160;
          object = this.decodeString(byteLength, 0);
        }
      } else if (headByte === 192) {
        object = null;
      } else if (headByte === 194) {
        object = false;
      } else if (headByte === 195) {
        object = true;
      } else if (headByte === 202) {
        object = this.readF32();
      } else if (headByte === 203) {
        object = this.readF64();
      } else if (headByte === 204) {
        object = this.readU8();
      } else if (headByte === 205) {
        object = this.readU16();
      } else if (headByte === 206) {
        object = this.readU32();
      } else if (headByte === 207) {
        if (this.useBigInt64) {
          object = this.readU64AsBigInt();
        } else {
          object = this.readU64();
        }
      } else if (headByte === 208) {
        object = this.readI8();
      } else if (headByte === 209) {
        object = this.readI16();
      } else if (headByte === 210) {
        object = this.readI32();
      } else if (headByte === 211) {
        if (this.useBigInt64) {
          object = this.readI64AsBigInt();
        } else {
          object = this.readI64();
        }
      } else if (headByte === 217) {
        const byteLength = this.lookU8();
        object = this.decodeString(byteLength, 1);
      } else if (headByte === 218) {
        const byteLength = this.lookU16();
        object = this.decodeString(byteLength, 2);
      } else if (headByte === 219) {
        const byteLength = this.lookU32();
        object = this.decodeString(byteLength, 4);
      } else if (headByte === 220) {
        const size = this.readU16();
        if (size !== 0) {
          this.pushArrayState(size);
          this.complete();
          continue DECODE;
        } else {
          object = [];
        }
      } else if (headByte === 221) {
        const size = this.readU32();
        if (size !== 0) {
          this.pushArrayState(size);
          this.complete();
          continue DECODE;
        } else {
          object = [];
        }
      } else if (headByte === 222) {
        const size = this.readU16();
        if (size !== 0) {
          this.pushMapState(size);
          this.complete();
          continue DECODE;
        } else {
          object = {};
        }
      } else if (headByte === 223) {
        const size = this.readU32();
        if (size !== 0) {
          this.pushMapState(size);
          this.complete();
          continue DECODE;
        } else {
          object = {};
        }
      } else if (headByte === 196) {
        const size = this.lookU8();
        object = this.decodeBinary(size, 1);
      } else if (headByte === 197) {
        const size = this.lookU16();
        object = this.decodeBinary(size, 2);
      } else if (headByte === 198) {
        const size = this.lookU32();
        object = this.decodeBinary(size, 4);
      } else if (headByte === 212) {
        object = this.decodeExtension(1, 0);
      } else if (headByte === 213) {
        object = this.decodeExtension(2, 0);
      } else if (headByte === 214) {
        object = this.decodeExtension(4, 0);
      } else if (headByte === 215) {
        object = this.decodeExtension(8, 0);
      } else if (headByte === 216) {
        object = this.decodeExtension(16, 0);
      } else if (headByte === 199) {
        const size = this.lookU8();
        object = this.decodeExtension(size, 1);
      } else if (headByte === 200) {
        const size = this.lookU16();
        object = this.decodeExtension(size, 2);
      } else if (headByte === 201) {
        const size = this.lookU32();
        object = this.decodeExtension(size, 4);
      } else {
        throw new DecodeError(`Unrecognized type byte: ${prettyByte(headByte)}`);
      }
      this.complete();
      const stack = this.stack;
      while (stack.length > 0) {
        const state = stack.top();
        if (state.type === STATE_ARRAY) {
          state.array[state.position] = object;
          state.position++;
          if (state.position === state.size) {
            object = state.array;
            stack.release(state);
          } else {
            continue DECODE;
          }
        } else if (state.type === STATE_MAP_KEY) {
          if (object === "__proto__") {
            throw new DecodeError("The key __proto__ is not allowed");
          }
          state.key = this.mapKeyConverter(object);
          state.type = STATE_MAP_VALUE;
          continue DECODE;
        } else {
          state.map[state.key] = object;
          state.readCount++;
          if (state.readCount === state.size) {
            object = state.map;
            stack.release(state);
          } else {
            state.key = null;
            state.type = STATE_MAP_KEY;
            continue DECODE;
          }
        }
      }
      return object;
    }
  }
  readHeadByte() {
    if (this.headByte === HEAD_BYTE_REQUIRED) {
      this.headByte = this.readU8();
    }
    return this.headByte;
  }
  complete() {
    this.headByte = HEAD_BYTE_REQUIRED;
  }
  readArraySize() {
    const headByte = this.readHeadByte();
    switch (headByte) {
      case 220:
        return this.readU16();
      case 221:
        return this.readU32();
      default: {
        if (headByte < 160) {
          return headByte - 144;
        } else {
          throw new DecodeError(`Unrecognized array type byte: ${prettyByte(headByte)}`);
        }
      }
    }
  }
  pushMapState(size) {
    if (size > this.maxMapLength) {
      throw new DecodeError(`Max length exceeded: map length (${size}) > maxMapLengthLength (${this.maxMapLength})`);
    }
    this.stack.pushMapState(size);
  }
  pushArrayState(size) {
    if (size > this.maxArrayLength) {
      throw new DecodeError(`Max length exceeded: array length (${size}) > maxArrayLength (${this.maxArrayLength})`);
    }
    this.stack.pushArrayState(size);
  }
  decodeString(byteLength, headerOffset) {
    if (!this.rawStrings || this.stateIsMapKey()) {
      return this.decodeUtf8String(byteLength, headerOffset);
    }
    return this.decodeBinary(byteLength, headerOffset);
  }
  /**
   * @throws {@link RangeError}
   */
  decodeUtf8String(byteLength, headerOffset) {
    if (byteLength > this.maxStrLength) {
      throw new DecodeError(`Max length exceeded: UTF-8 byte length (${byteLength}) > maxStrLength (${this.maxStrLength})`);
    }
    if (this.bytes.byteLength < this.pos + headerOffset + byteLength) {
      throw MORE_DATA;
    }
    const offset = this.pos + headerOffset;
    let object;
    if (this.stateIsMapKey() && this.keyDecoder?.canBeCached(byteLength)) {
      object = this.keyDecoder.decode(this.bytes, offset, byteLength);
    } else {
      object = utf8Decode(this.bytes, offset, byteLength);
    }
    this.pos += headerOffset + byteLength;
    return object;
  }
  stateIsMapKey() {
    if (this.stack.length > 0) {
      const state = this.stack.top();
      return state.type === STATE_MAP_KEY;
    }
    return false;
  }
  /**
   * @throws {@link RangeError}
   */
  decodeBinary(byteLength, headOffset) {
    if (byteLength > this.maxBinLength) {
      throw new DecodeError(`Max length exceeded: bin length (${byteLength}) > maxBinLength (${this.maxBinLength})`);
    }
    if (!this.hasRemaining(byteLength + headOffset)) {
      throw MORE_DATA;
    }
    const offset = this.pos + headOffset;
    const object = this.bytes.subarray(offset, offset + byteLength);
    this.pos += headOffset + byteLength;
    return object;
  }
  decodeExtension(size, headOffset) {
    if (size > this.maxExtLength) {
      throw new DecodeError(`Max length exceeded: ext length (${size}) > maxExtLength (${this.maxExtLength})`);
    }
    const extType = this.view.getInt8(this.pos + headOffset);
    const data = this.decodeBinary(
      size,
      headOffset + 1
      /* extType */
    );
    return this.extensionCodec.decode(data, extType, this.context);
  }
  lookU8() {
    return this.view.getUint8(this.pos);
  }
  lookU16() {
    return this.view.getUint16(this.pos);
  }
  lookU32() {
    return this.view.getUint32(this.pos);
  }
  readU8() {
    const value = this.view.getUint8(this.pos);
    this.pos++;
    return value;
  }
  readI8() {
    const value = this.view.getInt8(this.pos);
    this.pos++;
    return value;
  }
  readU16() {
    const value = this.view.getUint16(this.pos);
    this.pos += 2;
    return value;
  }
  readI16() {
    const value = this.view.getInt16(this.pos);
    this.pos += 2;
    return value;
  }
  readU32() {
    const value = this.view.getUint32(this.pos);
    this.pos += 4;
    return value;
  }
  readI32() {
    const value = this.view.getInt32(this.pos);
    this.pos += 4;
    return value;
  }
  readU64() {
    const value = getUint64(this.view, this.pos);
    this.pos += 8;
    return value;
  }
  readI64() {
    const value = getInt64(this.view, this.pos);
    this.pos += 8;
    return value;
  }
  readU64AsBigInt() {
    const value = this.view.getBigUint64(this.pos);
    this.pos += 8;
    return value;
  }
  readI64AsBigInt() {
    const value = this.view.getBigInt64(this.pos);
    this.pos += 8;
    return value;
  }
  readF32() {
    const value = this.view.getFloat32(this.pos);
    this.pos += 4;
    return value;
  }
  readF64() {
    const value = this.view.getFloat64(this.pos);
    this.pos += 8;
    return value;
  }
};

// node_modules/@msgpack/msgpack/dist.esm/decode.mjs
function decode(buffer, options) {
  const decoder = new Decoder(options);
  return decoder.decode(buffer);
}

// src/codec.js
var SUBPROTOCOL = "lipwire.v1";
var PACKING = { ignoreUndefined: true };
function encode2(message) {
  checkNumbers(message);
  return encode(message, PACKING);
}
function decode2(data) {
  let message;
  try {
    message = decode(data);
    checkNumbers(message);
  } catch (error) {
    if (error instanceof LipwireError) throw error;
    throw new LipwireError("bad_message", `not a message: ${describe(error)}`, { cause: error });
  }
  if (!isMap(message) || typeof message.type !== "string") {
    throw new LipwireError("bad_message", "not a message: it is no map with a type");
  }
  return (
    /** @type {ServerMessage | ClientMessage} */
    /** @type {unknown} */
    message
  );
}
function checkNumbers(value) {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new LipwireError("bad_message", `not a message: ${value} is no whole number that fits`);
    }
  } else if (Array.isArray(value)) {
    for (const item of value) checkNumbers(item);
  } else if (isMap(value)) {
    for (const key in value) checkNumbers(value[key]);
  }
}
function isMap(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
function describe(error) {
  return error instanceof Error ? error.message : String(error);
}

// src/socket.js
var ProtocolSocket = class {
  #socket;
  #owner;
  /** @type {LipwireError | undefined} */
  #error;
  #opened = false;
  #closing = false;
  #seq = -1;
  /**
   * @param {string | URL} url
   * @param {SocketOwner & {onOpen: () => void}} owner
   * @param {typeof WebSocket} [Socket]
   */
  constructor(url, owner, Socket = WebSocket) {
    this.#owner = owner;
    this.#socket = new Socket(url, [SUBPROTOCOL]);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => {
      this.#opened = true;
      owner.onOpen();
    };
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code, reason }) => this.#ended(code, reason);
  }
  /** Bytes that wait to be sent. */
  get bufferedAmount() {
    return this.#socket.bufferedAmount;
  }
  /** @param {ClientMessage} message */
  send(message) {
    this.#socket.send(encode2(message));
  }
  close() {
    this.#closing = true;
    this.#socket.close(CloseCode.NORMAL);
  }
  /** @param {LipwireError} error */
  fail(error) {
    this.#error ??= error;
    this.#socket.close(CloseCode.PROTOCOL, error.message.slice(0, 60));
  }
  /**
   * Lets go of an end that does not answer, without waiting for it to agree.
   * @param {LipwireError} error
   */
  abandon(error) {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(CloseCode.TIMEOUT, error.message.slice(0, 60));
    this.#owner.onClose(this.#error ?? error);
  }
  /** @param {unknown} data */
  #receive(data) {
    if (this.#error || this.#closing) return;
    try {
      if (!(data instanceof ArrayBuffer)) {
        throw new LipwireError("bad_message", "the server sent text where binary was agreed");
      }
      const message = (
        /** @type {ServerMessage} */
        decode2(data)
      );
      this.#checkSeq(message.seq ?? 0);
      if (message.type === "error" && message.fatal) this.#error = errorOf(message);
      else this.#owner.onMessage(message);
    } catch (error) {
      const known = error instanceof LipwireError;
      this.fail(known ? error : new LipwireError("bad_message", String(error), { cause: error }));
    }
  }
  /** @param {number} seq */
  #checkSeq(seq) {
    if (this.#seq >= 0 && seq !== this.#seq + 1) {
      throw new LipwireError("bad_state", `message ${seq} came after message ${this.#seq}`);
    }
    this.#seq = seq;
  }
  /**
   * @param {number} code
   * @param {string} reason
   */
  #ended(code, reason) {
    if (this.#closing) this.#owner.onClose(void 0);
    else if (this.#error) this.#owner.onClose(this.#error);
    else if (!this.#opened) {
      const message = `no Lipwire server answers at ${this.#socket.url}`;
      this.#owner.onClose(new LipwireError("connection_failed", message));
    } else this.#owner.onClose(LipwireError.fromClose(code, reason));
  }
};
function errorOf({ code, message, retry_after_ms }) {
  return new LipwireError(code, message, { retryAfterMs: retry_after_ms ?? void 0 });
}

// src/heard.js
var SAID = /[\p{L}\p{N}]/u;
function splitHeard(text, words, samples) {
  const missed = words.findIndex(
    ([, , , start, count]) => samples <= start || 2 * (samples - start) < count
  );
  const last = words.at(missed < 0 ? -1 : missed - 1);
  let character = missed === 0 || !last ? 0 : last[2];
  const characters = Array.from(text);
  if (missed < 0 && last && !SAID.test(characters.slice(character).join(""))) {
    character = characters.length;
  }
  return {
    spoken: characters.slice(0, character).join(""),
    remaining: characters.slice(character).join(""),
    character
  };
}

// src/timeline.js
var HOP = 256;
function rescale(position, fromRate, toRate) {
  const twice = 2 * position * toRate + fromRate;
  const divisor = 2 * fromRate;
  if (Number.isSafeInteger(twice)) {
    const rest = twice % divisor;
    return (twice - rest) / divisor;
  }
  const exact = 2n * BigInt(position) * BigInt(toRate) + BigInt(fromRate);
  return Number(exact / BigInt(divisor));
}
function hopsToSamples(hops, voiceRate, rate) {
  return rescale(hops * HOP, voiceRate, rate);
}
function msToSamples(ms, rate) {
  return rescale(ms, 1e3, rate);
}
function samplesToMs(samples, rate) {
  return rescale(samples, rate, 1e3);
}

// src/visemes.js
var SETS = Object.freeze({
  oculus: Object.freeze(
    /** @type {const} */
    [
      "sil",
      "PP",
      "FF",
      "TH",
      "DD",
      "kk",
      "CH",
      "SS",
      "nn",
      "RR",
      "aa",
      "E",
      "ih",
      "oh",
      "ou"
    ]
  ),
  azure: Object.freeze(
    /** @type {const} */
    [
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
      "9",
      "10",
      "11",
      "12",
      "13",
      "14",
      "15",
      "16",
      "17",
      "18",
      "19",
      "20",
      "21"
    ]
  ),
  mpeg4: Object.freeze(
    /** @type {const} */
    [
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
      "9",
      "10",
      "11",
      "12",
      "13",
      "14"
    ]
  ),
  rhubarb: Object.freeze(
    /** @type {const} */
    ["A", "B", "C", "D", "E", "F", "G", "H", "X"]
  ),
  preston_blair: Object.freeze(
    /** @type {const} */
    ["AI", "E", "O", "U", "etc", "L", "WQ", "MBP", "FV", "rest"]
  ),
  polly: Object.freeze(
    /** @type {const} */
    [
      "sil",
      "p",
      "t",
      "S",
      "T",
      "f",
      "k",
      "i",
      "r",
      "s",
      "u",
      "@",
      "a",
      "e",
      "E",
      "o",
      "O",
      "J",
      "B"
    ]
  )
});
var WEIGHT_SETS = Object.freeze({
  oculus: SETS.oculus,
  arkit: Object.freeze(
    /** @type {const} */
    [
      "eyeBlinkLeft",
      "eyeLookDownLeft",
      "eyeLookInLeft",
      "eyeLookOutLeft",
      "eyeLookUpLeft",
      "eyeSquintLeft",
      "eyeWideLeft",
      "eyeBlinkRight",
      "eyeLookDownRight",
      "eyeLookInRight",
      "eyeLookOutRight",
      "eyeLookUpRight",
      "eyeSquintRight",
      "eyeWideRight",
      "jawForward",
      "jawLeft",
      "jawRight",
      "jawOpen",
      "mouthClose",
      "mouthFunnel",
      "mouthPucker",
      "mouthLeft",
      "mouthRight",
      "mouthSmileLeft",
      "mouthSmileRight",
      "mouthFrownLeft",
      "mouthFrownRight",
      "mouthDimpleLeft",
      "mouthDimpleRight",
      "mouthStretchLeft",
      "mouthStretchRight",
      "mouthRollLower",
      "mouthRollUpper",
      "mouthShrugLower",
      "mouthShrugUpper",
      "mouthPressLeft",
      "mouthPressRight",
      "mouthLowerDownLeft",
      "mouthLowerDownRight",
      "mouthUpperUpLeft",
      "mouthUpperUpRight",
      "browDownLeft",
      "browDownRight",
      "browInnerUp",
      "browOuterUpLeft",
      "browOuterUpRight",
      "cheekPuff",
      "cheekSquintLeft",
      "cheekSquintRight",
      "noseSneerLeft",
      "noseSneerRight",
      "tongueOut"
    ]
  ),
  vrm: Object.freeze(
    /** @type {const} */
    ["aa", "ih", "ou", "ee", "oh"]
  ),
  live2d: Object.freeze(
    /** @type {const} */
    ["ParamMouthOpenY", "ParamMouthForm"]
  )
});
var Oculus = Object.freeze({
  SIL: 0,
  PP: 1,
  FF: 2,
  TH: 3,
  DD: 4,
  KK: 5,
  CH: 6,
  SS: 7,
  NN: 8,
  RR: 9,
  AA: 10,
  E: 11,
  IH: 12,
  OH: 13,
  OU: 14
});

// src/mouth.js
var SHAPES = SETS.oculus.length;
var LEAD_MS = 50;
var LEAD_FROM_REST_MS = 120;
var RELEASE_MS = 40;
var REST_MS = 80;
var CLOSURES = /* @__PURE__ */ new Set([Oculus.PP, Oculus.FF]);
var FIRST_VOWEL = Oculus.AA;
var Mouth = class {
  /** @type {Shape[]} */
  #shapes = [];
  #lead;
  #leadFromRest;
  #release;
  #rest;
  /** @param {number} sampleRate */
  constructor(sampleRate) {
    this.#lead = msToSamples(LEAD_MS, sampleRate);
    this.#leadFromRest = msToSamples(LEAD_FROM_REST_MS, sampleRate);
    this.#release = msToSamples(RELEASE_MS, sampleRate);
    this.#rest = msToSamples(REST_MS, sampleRate);
  }
  /** @param {Segment} segment */
  add(segment) {
    for (const [viseme, start, count, weight] of segment.visemes.oculus ?? []) {
      const last = this.#shapes[this.#shapes.length - 1];
      if (start > (last?.end ?? 0)) this.#shapes.push(silence(last?.end ?? 0, start));
      this.#shapes.push({ viseme, start, end: start + count, weight: weight / 255 });
    }
  }
  /**
   * Nothing that was announced is made from `sample` on.
   * @param {number} sample
   */
  cut(sample) {
    this.#shapes = this.#shapes.filter(({ start }) => start < sample).map((shape) => ({ ...shape, end: Math.min(shape.end, sample) }));
  }
  /**
   * Weights of the 15 Oculus visemes at `sample`; they add up to 1.
   * @param {number} sample
   * @param {Float32Array} [into]
   */
  pose(sample, into = new Float32Array(SHAPES)) {
    into.fill(0);
    const index = this.#indexAt(sample);
    const shape = this.#at(index);
    const next = this.#at(index + 1);
    const previous = this.#at(index - 1);
    const leaving = this.#change(shape, next);
    if (sample >= leaving.from) mix(into, shape, next, progress(sample, leaving));
    else mix(into, previous, shape, progress(sample, this.#change(previous, shape)));
    return into;
  }
  /**
   * When one shape turns into the next.
   * @param {Shape} shape
   * @param {Shape} next
   */
  #change(shape, next) {
    const at = next.start;
    const half = (next.end - next.start) / 2;
    const reach = shape.viseme === Oculus.SIL ? this.#leadFromRest : this.#lead;
    const from = at - Math.min(reach, (shape.end - shape.start) / 2);
    if (next.viseme === Oculus.PP) return { from, to: at };
    if (CLOSURES.has(shape.viseme)) return { from: at, to: at + Math.min(this.#release, half) };
    if (next.viseme === Oculus.SIL) return { from: at, to: at + Math.min(this.#rest, half) };
    const settling = next.viseme >= FIRST_VOWEL ? 0.4 * (next.end - next.start) : 0;
    return { from, to: at + Math.min(settling, this.#lead) };
  }
  /** @param {number} index */
  #at(index) {
    if (index < 0) return silence(Number.NEGATIVE_INFINITY, 0);
    const last = this.#shapes[this.#shapes.length - 1];
    const start = index > this.#shapes.length ? Number.POSITIVE_INFINITY : last?.end ?? 0;
    return this.#shapes[index] ?? silence(start, Number.POSITIVE_INFINITY);
  }
  /**
   * The last shape that began at or before `sample`.
   * @param {number} sample
   */
  #indexAt(sample) {
    let low = 0;
    let high = this.#shapes.length;
    while (low < high) {
      const middle = low + high >> 1;
      if (this.#shapes[middle].start <= sample) low = middle + 1;
      else high = middle;
    }
    const last = this.#shapes[low - 1];
    return low === this.#shapes.length && last && sample >= last.end ? low : low - 1;
  }
};
function relax(pose, elapsedMs) {
  const left = 1 - smooth(Math.min(1, elapsedMs / REST_MS));
  for (let i = 0; i < pose.length; i++) pose[i] *= left;
  pose[Oculus.SIL] += 1 - left;
  return pose;
}
function silence(start, end) {
  return { viseme: Oculus.SIL, start, end, weight: 1 };
}
function progress(sample, { from, to }) {
  if (sample >= to) return 1;
  return sample <= from ? 0 : smooth((sample - from) / (to - from));
}
function smooth(x) {
  return x * x * (3 - 2 * x);
}
function mix(into, from, to, share) {
  for (
    const [shape, amount] of
    /** @type {[Shape, number][]} */
    [
      [from, 1 - share],
      [to, share]
    ]
  ) {
    into[shape.viseme] += amount * shape.weight;
    into[Oculus.SIL] += amount * (1 - shape.weight);
  }
}

// src/reel.js
var Reel = class {
  /** @type {Frame[]} */
  #frames = [];
  get length() {
    return this.#frames.length;
  }
  /** @returns {Frame | undefined} */
  get first() {
    return this.#frames[0];
  }
  /** @param {Frame[]} frames later than those before */
  add(frames) {
    this.#frames.push(...frames);
  }
  /**
   * The last one that starts at or before `sample`.
   * @param {number} sample
   * @returns {Frame | undefined}
   */
  at(sample) {
    return this.#frames[this.#indexAt(sample)];
  }
  /**
   * Lets go of what is not seen any more from `sample` on.
   * @param {number} sample
   */
  forget(sample) {
    this.#frames.splice(0, this.#indexAt(sample));
  }
  clear() {
    this.#frames = [];
  }
  /** @param {number} sample */
  #indexAt(sample) {
    let index = -1;
    while (index + 1 < this.#frames.length && this.#frames[index + 1].start <= sample) index++;
    return index;
  }
};

// src/utterance.js
var TRANSITIONS = Object.freeze({
  queued: {
    utterance_started: "started",
    interrupted: "interrupted",
    flushed: "queued"
  },
  started: {
    segment: "speaking",
    flushed: "started",
    interrupted: "interrupted",
    utterance_ended: "ended"
  },
  speaking: {
    chunk: "speaking",
    segment_ended: "started",
    flushed: "speaking",
    interrupted: "interrupted"
  },
  interrupted: {
    utterance_ended: "ended"
  },
  ended: {
    // It was sent to its end, but the listener threw the last of it away unheard.
    interrupted: "ended"
  }
});
function advance(state, type) {
  const next = Object.hasOwn(TRANSITIONS[state], type) ? TRANSITIONS[state][type] : void 0;
  if (next === void 0) {
    throw new LipwireError("bad_state", `${type} while the utterance is ${state}`);
  }
  return next;
}

// src/spoken-utterance.js
var SpokenUtterance = class extends Emitter {
  /** Settles when the last of it was heard, or when it was cut off. */
  finished;
  text = "";
  /** @type {Segment[]} */
  segments = [];
  /** @type {UtteranceState} */
  state = "queued";
  /** The server was sent text of it, or its end. */
  known = false;
  /** Samples that have arrived. */
  arrived = 0;
  /** @type {number | undefined} */
  firstSoundMs;
  /**
   * When the last of it left the loudspeaker after an interrupt, on the clock of `performance.now()`.
   * @type {number | undefined}
   */
  silentAt;
  /** Its frames that are yet to be seen, and how wide the face is in those that arrive now. */
  reel = new Reel();
  faceSize = 0;
  #rate = 1;
  #spokenAt;
  /** @type {Mouth | undefined} */
  #mouth;
  #halted = false;
  #heard = 0;
  #nextWord = 0;
  /** @type {WordTiming[]} */
  #words = [];
  /** @type {EndReason | undefined} */
  #reason;
  /** @type {LipwireError | undefined} */
  #error;
  /** @type {LipwireError | undefined} */
  #lost;
  /** @type {Heard | undefined} */
  #cut;
  #settled = false;
  /** @type {(value: Finished) => void} */
  #resolve = () => {
  };
  /** @type {(error: LipwireError) => void} */
  #reject = () => {
  };
  /**
   * @param {number} number
   * @param {number} spokenAt when `speak` was called, on the clock of `performance.now()`
   */
  constructor(number, spokenAt) {
    super();
    this.number = number;
    this.#spokenAt = spokenAt;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.finished.catch(() => {
    });
  }
  /** Samples that were heard. */
  get heard() {
    return this.#heard;
  }
  /** Nothing more of it will be heard. */
  get settled() {
    return this.#settled;
  }
  /** It was told to stop: what still arrives of it is thrown away. */
  get halted() {
    return this.#halted;
  }
  halt() {
    this.#halted = true;
    this.reel.clear();
  }
  /** @param {string} type of a message that came for it */
  advance(type) {
    this.state = advance(this.state, type);
  }
  /** @param {number} sampleRate */
  start(sampleRate) {
    this.#rate = sampleRate;
    this.#mouth = new Mouth(sampleRate);
    this.emit("started", void 0);
  }
  /** @param {Segment} segment */
  addSegment(segment) {
    this.segments.push(segment);
    this.#words.push(...segment.words ?? []);
    this.#mouth?.add(segment);
    this.emit("segment", segment);
  }
  /**
   * The last segment is over, after so many samples: of one that failed, fewer than were announced.
   * @param {number} count
   */
  endSegment(count) {
    const segment = this.segments[this.segments.length - 1];
    if (count >= segment.count) return;
    const end = segment.start + count;
    const begun = ({ 1: start }) => start < end;
    const { words, phonemes, visemes } = segment;
    this.segments[this.segments.length - 1] = {
      ...segment,
      count,
      words: words?.filter(([, , , start]) => start < end),
      phonemes: phonemes?.filter(begun),
      visemes: Object.fromEntries(
        Object.entries(visemes).map(([set, shapes]) => [set, shapes.filter(begun)])
      )
    };
    this.#words = this.#words.filter(([, , , start]) => start < end);
    this.#mouth?.cut(end);
  }
  /**
   * Weights of the 15 Oculus visemes at `sample`.
   * @param {number} sample
   * @param {Float32Array} [into]
   */
  pose(sample, into = new Float32Array(15)) {
    return this.#mouth?.pose(sample, into) ?? into;
  }
  /**
   * The word that is being said at `sample`, and between words the last one.
   * @param {number} sample
   * @returns {Word | undefined}
   */
  wordAt(sample) {
    const timing = this.#words.findLast(([, , , start]) => start <= sample);
    return timing && this.#word(timing);
  }
  /**
   * @param {number} sample
   * @returns {Heard}
   */
  heardAt(sample) {
    const { spoken, remaining, character } = splitHeard(this.text, this.#words, sample);
    return {
      utterance: this.number,
      sample,
      ms: samplesToMs(sample, this.#rate),
      textSpoken: spoken,
      textRemaining: remaining,
      character
    };
  }
  /**
   * The listener is at `sample`.
   * @param {number} sample
   * @param {number} soundAt when the first sample was heard
   */
  hear(sample, soundAt) {
    if (this.firstSoundMs === void 0 && sample > 0) {
      this.firstSoundMs = Math.max(0, Math.round(soundAt - this.#spokenAt));
      this.emit("sound", { ms: this.firstSoundMs });
    }
    this.#heard = Math.max(this.#heard, sample);
    this.reel.forget(this.#heard);
    while (this.#nextWord < this.#words.length && this.#words[this.#nextWord][3] < this.#heard) {
      this.emit("word", this.#word(this.#words[this.#nextWord++]));
    }
    this.#settle();
  }
  /** @param {number} sample where its sound stopped */
  stop(sample) {
    this.halt();
    this.#heard = Math.min(sample, this.arrived);
    this.#cut = this.heardAt(this.#heard);
    this.#settle();
  }
  /** @param {Interrupted} message the server's account, which is the one that is stored */
  interrupted(message) {
    this.halt();
    this.#heard = message.heard;
    this.#cut = {
      utterance: this.number,
      sample: message.heard,
      ms: samplesToMs(message.heard, this.#rate),
      textSpoken: message.text_spoken,
      textRemaining: message.text_remaining,
      character: message.character
    };
    this.emit("interrupted", this.#cut);
  }
  /** What was heard of one that was cut off. */
  get cut() {
    return this.#cut;
  }
  /** @param {EndReason} reason */
  end(reason) {
    this.#reason = reason;
    this.#settle();
  }
  /** @param {LipwireError} error */
  report(error) {
    this.#error = error;
    this.emit("error", error);
  }
  /** The server is gone, and what has arrived is all that will be heard. */
  get lost() {
    return this.#lost !== void 0;
  }
  /**
   * What has arrived is still heard, or is stopped; after that it has failed.
   * @param {LipwireError} error why nothing more will come
   */
  lose(error) {
    this.#lost = error;
    this.#settle();
  }
  /** @param {LipwireError} error nothing more will be heard */
  fail(error) {
    this.halt();
    this.#settled = true;
    this.#reject(error);
  }
  #settle() {
    if (this.#settled || (this.#halted ? !this.#cut : this.#heard < this.arrived)) return;
    if (this.#reason === void 0) {
      if (this.#lost && !this.#halted) this.fail(this.#lost);
      return;
    }
    if (this.#reason === "error") {
      this.fail(this.#error ?? new LipwireError("synthesis_failed", "nothing could be spoken"));
      return;
    }
    this.#settled = true;
    this.reel.clear();
    const finished = {
      ...this.#cut ?? this.#heardWhole(),
      reason: this.#cut ? "interrupted" : this.#reason,
      count: this.arrived,
      firstSoundMs: this.firstSoundMs
    };
    this.emit("finished", finished);
    this.#resolve(finished);
  }
  /**
   * Text beyond the last word has no sound of its own: it counts when the end was heard.
   * @returns {Heard}
   */
  #heardWhole() {
    const heard = this.heardAt(this.#heard);
    if (this.#reason !== "done" || this.#error) return heard;
    return { ...heard, textSpoken: this.text, textRemaining: "", character: [...this.text].length };
  }
  /**
   * @param {WordTiming} timing
   * @returns {Word}
   */
  #word([text, begin, end, start, count]) {
    return { text, begin, end, start, count, startMs: samplesToMs(start, this.#rate) };
  }
};

// src/text-flow.js
var DEFAULTS = { message_text: 1e4, waiting_text: 2e4 };
var PIECES_WAITING = 4;
var STALL_MS = 2e3;
var Line = class {
  sent = 0;
  /** Up to here the server has come: it turned it into segments, or into nothing. */
  #passed = 0;
  /** @type {number[]} how much was sent when each `flush` was that was not answered yet */
  #marks = [];
  /** @type {Piece | undefined} the next one, which waits to be sent */
  piece;
  /** @param {SpokenUtterance} utterance */
  constructor(utterance) {
    this.utterance = utterance;
  }
  get waiting() {
    return this.sent - this.#passed;
  }
  get probing() {
    return this.#marks.length > 0;
  }
  /** It takes no more text. */
  get over() {
    return this.utterance.halted || this.utterance.settled;
  }
  probe() {
    this.#marks.push(this.sent);
  }
  /** @param {ServerMessage} message */
  follow(message) {
    if (message.type === "segment") this.#pass(message.span[1]);
    else if (message.type === "flushed") this.#pass(this.#marks.shift() ?? 0);
  }
  /** @param {number} end */
  #pass(end) {
    this.#passed = Math.max(this.#passed, Math.min(end, this.sent));
  }
};
var TextFlow = class {
  #send;
  /** @type {Pick<Limits, 'message_text' | 'waiting_text'>} */
  #limits = DEFAULTS;
  /** @type {Map<number, Line>} those that the server has not ended, in the order of `speak()` */
  #lines = /* @__PURE__ */ new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #stall;
  /** @param {(message: ClientMessage) => void} send */
  constructor(send) {
    this.#send = send;
  }
  /** @param {Partial<Limits>} limits */
  set limits(limits) {
    this.#limits = { ...DEFAULTS, ...limits };
  }
  /** Code points that a piece may have. */
  get pieceLimit() {
    return Math.max(
      1,
      Math.min(this.#limits.message_text, Math.floor(this.#half / PIECES_WAITING))
    );
  }
  get #half() {
    return Math.max(1, Math.floor(this.#limits.waiting_text / 2));
  }
  /** @param {SpokenUtterance} utterance */
  open(utterance) {
    this.#lines.set(utterance.number, new Line(utterance));
  }
  /**
   * Sends a piece when its time has come; answers false when the utterance takes no more.
   * @param {SpokenUtterance} utterance
   * @param {string} text at most `pieceLimit` code points
   * @param {boolean} end
   * @returns {Promise<boolean>}
   */
  say(utterance, text, end) {
    const line = this.#lines.get(utterance.number);
    if (!line) return Promise.resolve(false);
    const length = Array.from(text).length;
    return new Promise((resolve) => {
      line.piece = { text, end, length, resolve };
      this.pump();
    });
  }
  /**
   * @param {SpokenUtterance} utterance
   * @param {ServerMessage} message that came for it
   */
  follow(utterance, message) {
    this.#lines.get(utterance.number)?.follow(message);
    this.#calm();
    this.pump();
  }
  /**
   * The server waits for no text of it any more.
   * @param {SpokenUtterance} utterance
   */
  close(utterance) {
    const line = this.#lines.get(utterance.number);
    if (!line) return;
    this.#lines.delete(utterance.number);
    line.piece?.resolve(false);
    this.#calm();
    this.pump();
  }
  /** Nobody is there any more to send it to. */
  clear() {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    this.#calm();
    for (const { piece } of lines) piece?.resolve(false);
  }
  /** Sends what may be sent now. */
  pump() {
    let total = 0;
    for (const { waiting } of this.#lines.values()) total += waiting;
    let isFirst = true;
    for (const line of this.#lines.values()) {
      const { piece, utterance } = line;
      if (piece && !line.over && (isFirst ? line.waiting : total) + piece.length <= this.#half) {
        total += piece.length;
        this.#transmit(line, piece);
      }
      if (!utterance.known && !line.over) break;
      if (utterance.known) isFirst = false;
    }
    this.#watch();
  }
  /**
   * @param {Line} line
   * @param {Piece} piece
   */
  #transmit(line, { text, end, length, resolve }) {
    const { utterance } = line;
    line.piece = void 0;
    line.sent += length;
    utterance.text += text;
    utterance.known = true;
    this.#send({ type: "speak", utterance: utterance.number, text, end: end || void 0 });
    resolve(true);
  }
  /** @returns {Line | undefined} the utterance that has its turn, when its text waits for nothing */
  get #stalled() {
    const [first] = this.#lines.values();
    const stands = first?.piece && first.utterance.state === "started" && !first.probing;
    return stands ? first : void 0;
  }
  #watch() {
    if (!this.#stalled || this.#stall !== void 0) return;
    this.#stall = setTimeout(() => {
      this.#stall = void 0;
      const line = this.#stalled;
      if (!line) return;
      line.probe();
      this.#send({ type: "flush", utterance: line.utterance.number });
    }, STALL_MS);
  }
  #calm() {
    clearTimeout(this.#stall);
    this.#stall = void 0;
  }
};

// src/conversation.js
var REFUSALS = /* @__PURE__ */ new Set(["text_limit", "utterance_limit"]);
var ANSWER_MS = 2e3;
var Conversation = class extends Emitter {
  /** @type {Playout | undefined} */
  playout;
  #send;
  #face;
  /** @type {Map<number, SpokenUtterance>} */
  #utterances = /* @__PURE__ */ new Map();
  /** @type {Map<number, () => void>} */
  #interrupts = /* @__PURE__ */ new Map();
  #nextNumber = 1;
  /**
   * @param {(message: ClientMessage) => void} send
   * @param {Face} face
   */
  constructor(send, face) {
    super();
    this.#send = send;
    this.#face = face;
    this.text = new TextFlow(send);
  }
  get speaking() {
    return [...this.#utterances.values()].some((utterance) => !utterance.settled);
  }
  /** The server owes something. */
  get expecting() {
    return this.#interrupts.size > 0 || [...this.#utterances.values()].some(isExpected);
  }
  begin() {
    const utterance = new SpokenUtterance(this.#nextNumber++, performance.now());
    this.#utterances.set(utterance.number, utterance);
    this.text.open(utterance);
    const forget = () => this.#forget(utterance);
    utterance.finished.then(forget, forget);
    return utterance;
  }
  /**
   * @param {boolean} connected
   * @returns {Promise<Heard | undefined>}
   */
  async interrupt(connected) {
    const targets = [...this.#utterances.values()].filter((u) => !u.settled && !u.halted);
    if (targets.length === 0) return void 0;
    for (const target of targets) target.halt();
    const ends = await this.playout?.stop();
    await Promise.all(
      targets.map((target) => this.#cut(target, ends?.get(target) ?? 0, connected))
    );
    return targets[0].cut;
  }
  /** @param {ServerMessage} message */
  receive(message) {
    if (message.type === "warning") this.#warned(message);
    else if (message.type === "error") this.#failed(message);
    else if ("utterance" in message) {
      const utterance = this.#utterances.get(message.utterance);
      if (utterance) this.#deliver(utterance, message);
    }
  }
  /**
   * Its text cannot be said to the end. What was stopped, or is complete at the server, does not need it.
   * @param {SpokenUtterance} utterance
   * @param {LipwireError} error
   * @returns {boolean} whether that was the end of it
   */
  drop(utterance, error) {
    if (utterance.halted || utterance.lost || utterance.state === "ended") return false;
    utterance.fail(error);
    if (utterance.known) this.#withdraw(utterance);
    this.emit("error", error);
    return true;
  }
  /**
   * The connection is gone. What has arrived can still be played to its end.
   * @param {LipwireError} error
   * @param {boolean} playing whether it will be
   */
  lost(error, playing) {
    this.playout?.complete();
    this.text.clear();
    const answers = [...this.#interrupts.values()];
    this.#interrupts.clear();
    for (const utterance of [...this.#utterances.values()]) {
      utterance.known = false;
      if (utterance.cut) utterance.end("interrupted");
      else if (!playing && !utterance.settled) utterance.fail(error);
      else if (utterance.state !== "ended") utterance.lose(error);
      this.#forget(utterance);
    }
    for (const answer of answers) answer();
  }
  /**
   * The player is gone, and with it what was left of a lost connection.
   * @param {LipwireError} error
   */
  silenced(error) {
    for (const utterance of [...this.#utterances.values()]) {
      if (utterance.arrived > 0 && !utterance.settled) utterance.fail(error);
    }
  }
  /**
   * @param {SpokenUtterance} utterance
   * @param {number} heard
   * @param {boolean} connected
   */
  async #cut(utterance, heard, connected) {
    const asks = connected && utterance.known;
    const answer = new Promise((resolve) => {
      if (asks) this.#interrupts.set(utterance.number, () => resolve(void 0));
    });
    utterance.stop(heard);
    if (!asks) return utterance.end("interrupted");
    this.#send({ type: "interrupt", utterance: utterance.number, heard });
    const timer = setTimeout(() => {
      utterance.end("interrupted");
      this.#interrupts.get(utterance.number)?.();
    }, ANSWER_MS);
    await answer;
    clearTimeout(timer);
  }
  /**
   * The server would wait for the rest of it for ever, and hold up all that comes after.
   * @param {SpokenUtterance} utterance
   */
  async #withdraw(utterance) {
    const { number } = utterance;
    this.#interrupts.set(number, () => {
    });
    const { playout } = this;
    await Promise.allSettled(playout?.before(utterance).map(({ finished }) => finished) ?? []);
    const ends = playout?.endsWith(utterance) ? await playout.stop() : void 0;
    if (!this.#interrupts.has(number)) return;
    const heard = ends?.get(utterance) ?? utterance.heard;
    this.#send({ type: "interrupt", utterance: number, heard });
  }
  /**
   * @param {SpokenUtterance} utterance
   * @param {UtteranceMessage} message
   */
  #deliver(utterance, message) {
    utterance.advance(message.type);
    switch (message.type) {
      case "utterance_started":
        if (this.playout) utterance.start(this.playout.sampleRate);
        break;
      case "segment":
        this.#face.turn(utterance);
        utterance.addSegment(message);
        break;
      case "chunk":
        this.#play(utterance, message);
        break;
      case "segment_ended":
        utterance.endSegment(message.count);
        this.playout?.complete();
        break;
      case "interrupted":
        utterance.interrupted(message);
        this.text.close(utterance);
        this.#answered(utterance.number);
        break;
      case "utterance_ended":
        utterance.end(message.reason);
        this.text.close(utterance);
        if (message.reason === "interrupted") this.#answered(utterance.number);
        break;
    }
    this.text.follow(utterance, message);
  }
  /**
   * @param {SpokenUtterance} utterance
   * @param {Chunk} chunk
   */
  #play(utterance, chunk) {
    if (utterance.halted) return;
    const { start, audio } = chunk;
    if (start !== utterance.arrived) {
      throw new LipwireError("bad_state", `chunk at ${start}, expected at ${utterance.arrived}`);
    }
    if (!(audio instanceof Uint8Array)) {
      throw new LipwireError("bad_message", "the audio is not the PCM that was asked for");
    }
    this.#face.play(utterance, chunk);
    this.playout?.write(utterance, fromS16(audio));
  }
  /** @param {Warning} warning */
  #warned(warning) {
    if (warning.code === "nothing_speaking") {
      const { utterance: number } = warning;
      const isNews = !this.#utterances.get(number ?? -1)?.settled;
      for (const each of number == null ? [...this.#interrupts.keys()] : [number]) {
        this.#answered(each);
      }
      if (!isNews) return;
    }
    this.emit("warning", warning);
  }
  /** @param {ErrorMessage} message */
  #failed(message) {
    const error = errorOf(message);
    const utterance = this.#utterances.get(message.utterance ?? -1);
    utterance?.report(error);
    const refused = utterance && (utterance.state === "queued" || REFUSALS.has(error.code));
    if (!refused || !this.drop(utterance, error)) this.emit("error", error);
  }
  /** @param {number} number */
  #answered(number) {
    const answer = this.#interrupts.get(number);
    this.#interrupts.delete(number);
    const utterance = this.#utterances.get(number);
    if (answer && utterance) {
      if (utterance.state === "queued") utterance.end("interrupted");
      this.#forget(utterance);
    }
    answer?.();
  }
  /** @param {SpokenUtterance} utterance */
  #forget(utterance) {
    if (utterance.settled && !this.#interrupts.has(utterance.number)) this.#remove(utterance);
  }
  /** @param {SpokenUtterance} utterance */
  #remove(utterance) {
    this.#utterances.delete(utterance.number);
    this.text.close(utterance);
  }
};
function isExpected({ settled, lost, known, state }) {
  return known && !settled && !lost && state !== "ended";
}

// src/stillness.js
var Stillness = class {
  /** @type {SpokenUtterance | undefined} */
  #utterance;
  #sample = -1;
  #since = 0;
  /**
   * @param {{utterance: SpokenUtterance, sample: number}} current
   * @param {number} now in milliseconds
   * @returns {number} milliseconds
   */
  since({ utterance, sample }, now) {
    if (utterance !== this.#utterance || sample !== this.#sample) {
      this.#utterance = utterance;
      this.#sample = sample;
      this.#since = now;
    }
    return now - this.#since;
  }
};

// src/face.js
var DRY_MS = 100;
var SIZE = 512;
var PER_PIXEL = 16;
var PER_RADIAN = 1e3;
var Face = class extends Emitter {
  #now;
  #current;
  #stillness = new Stillness();
  #lastMouth = { weights: new Float32Array(15), at: Number.NEGATIVE_INFINITY };
  /** @type {Map<number, Sprite>} by their numbers on this connection */
  #sprites = /* @__PURE__ */ new Map();
  #size = SIZE;
  #mime = "image/jpeg";
  #rate = 1;
  /** @type {{reel: Reel, ms: number} | undefined} */
  #idle;
  /** @type {number | undefined} */
  #restingSince;
  /**
   * @param {() => number} now in milliseconds
   * @param {() => Current | undefined} current
   */
  constructor(now, current) {
    super();
    this.#now = now;
    this.#current = current;
    this.#lastMouth.weights[0] = 1;
  }
  /** All sprites so far, for who begins to look late. */
  get sprites() {
    return [...this.#sprites.values()];
  }
  /** The face when it says nothing and moves nothing; undefined while there are no frames. */
  get rest() {
    return this.#idle?.reel.first;
  }
  /** For how many milliseconds that which is heard has stood still. */
  get stillMs() {
    const current = this.#current();
    return current ? this.#stillness.since(current, this.#now()) : 0;
  }
  /**
   * The frame that is to be seen now, or a little later; undefined while there are none.
   * @param {number} [aheadMs]
   * @returns {Frame | undefined}
   */
  frame(aheadMs = 0) {
    const spoken = this.#spoken(aheadMs);
    if (spoken) {
      this.#restingSince = void 0;
      return spoken;
    }
    if (!this.#idle) return void 0;
    const { reel, ms } = this.#idle;
    const now = this.#now();
    this.#restingSince ??= now;
    const elapsed = (now - this.#restingSince + aheadMs) % ms;
    return reel.at(elapsed / 1e3 * this.#rate);
  }
  /**
   * The mouth now: weights of the 15 Oculus visemes; they add up to 1.
   * @param {Float32Array} [into]
   * @returns {{weights: Float32Array, utterance: SpokenUtterance | undefined, sample: number}}
   */
  mouth(into = new Float32Array(15)) {
    const now = this.#now();
    const current = this.#current();
    if (current) {
      const still = this.stillMs;
      current.utterance.pose(current.sample, into);
      if (still > DRY_MS) relax(into, still - DRY_MS);
      this.#lastMouth.weights.set(into);
      this.#lastMouth.at = now;
      return { weights: into, ...current };
    }
    into.set(this.#lastMouth.weights);
    relax(into, now - this.#lastMouth.at);
    return { weights: into, utterance: void 0, sample: 0 };
  }
  /**
   * Another connection: numbers of sprites mean something else on it.
   * @param {Frames} frames
   * @param {number} sampleRate
   */
  begin(frames, sampleRate) {
    this.#sprites.clear();
    this.#rate = sampleRate;
    this.grant(frames);
  }
  /** @param {Frames} frames what the server sends from now on */
  grant({ mode, size, mime }) {
    this.#size = size ?? SIZE;
    this.#mime = mime ?? "image/jpeg";
    if (mode === void 0 || mode === "none") this.#idle = void 0;
  }
  /** @param {SentSprite[]} sent */
  add(sent) {
    const sprites = sent.map(({ id, key, mime, width, height, x, y, data }) => {
      const bytes = (
        /** @type {Uint8Array<ArrayBuffer>} */
        data
      );
      const sprite = { key, mime, width, height, x: x / PER_PIXEL, y: y / PER_PIXEL, data: bytes };
      this.#sprites.set(id, sprite);
      return sprite;
    });
    this.emit("sprites", sprites);
  }
  /** @param {Idle} idle what it does from now on while nobody speaks */
  idle(idle) {
    const reel = new Reel();
    reel.add(this.#developed(idle, reel, this.#size));
    const ms = samplesToMs(idle.count, this.#rate);
    this.#idle = reel.length > 0 && ms > 0 ? { reel, ms } : void 0;
    this.#restingSince = void 0;
  }
  /**
   * What is configured holds from the next segment on.
   * @param {SpokenUtterance} utterance whose next segment begins
   */
  turn(utterance) {
    utterance.faceSize = this.#size;
  }
  /**
   * @param {SpokenUtterance} utterance
   * @param {Chunk} chunk
   */
  play(utterance, chunk) {
    const { reel, faceSize } = utterance;
    reel.add(this.#developed(chunk, reel, faceSize));
  }
  /** @param {number} aheadMs */
  #spoken(aheadMs) {
    const current = this.#current();
    if (!current || current.sample === 0 || this.stillMs > DRY_MS) return void 0;
    return current.utterance.reel.at(current.sample + aheadMs / 1e3 * this.#rate);
  }
  /**
   * @param {Pick<Chunk, 'frames' | 'pictures'>} sent
   * @param {Reel} reel
   * @param {number} size
   * @returns {Frame[]}
   */
  #developed({ frames = [], pictures = [] }, reel, size) {
    const of = (start) => {
      return { reel, start, startMs: samplesToMs(start, this.#rate), size };
    };
    return [
      ...frames.map(([start, draws]) => ({ ...of(start), sprites: this.#placed(draws) })),
      ...pictures.map(([start, , data]) => {
        const bytes = (
          /** @type {Uint8Array<ArrayBuffer>} */
          data
        );
        return { ...of(start), sprites: [], picture: { mime: this.#mime, data: bytes } };
      })
    ];
  }
  /**
   * A sprite that was never sent is left out: the rest of the face is better than none.
   * @param {number[]} draws
   */
  #placed(draws) {
    const placed = [];
    for (let i = 0; i + 3 < draws.length; i += 4) {
      const sprite = this.#sprites.get(draws[i]);
      if (!sprite) continue;
      placed.push({
        sprite,
        x: draws[i + 1] / PER_PIXEL,
        y: draws[i + 2] / PER_PIXEL,
        turn: draws[i + 3] / PER_RADIAN
      });
    }
    return placed;
  }
};

// src/hello.js
var LEAD_MS2 = 3e3;
function helloOf(options) {
  return {
    type: "hello",
    token: options.token,
    ...manner(options),
    language: options.language,
    seed: options.seed,
    audio: { codec: "pcm_s16le", sample_rate: options.sampleRate },
    timing: { words: true, phonemes: true, visemes: ["oculus"] },
    flow: { mode: "played", lead_ms: options.leadMs ?? LEAD_MS2 },
    text: options.text,
    persist: options.persist,
    meta: options.meta
  };
}
function configureOf(changes) {
  return { type: "configure", ...manner(changes) };
}
function manner(options) {
  return {
    voice: options.voice,
    speaker: options.speaker,
    rate_percent: options.ratePercent,
    volume_percent: options.volumePercent,
    noise_percent: options.noisePercent,
    lexicon: options.lexicon,
    frames: options.frames,
    avatar: options.avatar
  };
}
function streamUrl(url = "/v1/stream") {
  const base = typeof location === "undefined" ? void 0 : location.href;
  const stream = new URL(url, base);
  stream.protocol = stream.protocol.replace(/^http/, "ws");
  return stream;
}

// src/pieces.js
var HIGH_SURROGATE = /[\ud800-\udbff]$/;
var UNSPEAKABLE = /\p{Surrogate}|\0/gu;
function checkSource(source) {
  if (typeof source === "string") return;
  const iterable = (
    /** @type {any} */
    source
  );
  if (iterable?.[Symbol.asyncIterator] || iterable?.[Symbol.iterator]) return;
  const what = source === null ? "null" : typeof source;
  throw new LipwireError(
    "bad_message",
    `speak() takes a string or an iterable of strings, and was given ${what}`
  );
}
async function* pieces(source, limit) {
  if (typeof source === "string") {
    const all = cut(source, limit);
    for (const [index, text] of all.entries()) yield { text, end: index === all.length - 1 };
    return;
  }
  let rest = "";
  for await (
    const part of
    /** @type {AsyncIterable<string>} */
    source
  ) {
    if (typeof part !== "string") {
      const what = `speak() takes an iterable of strings, and was given one of ${typeof part}`;
      throw new LipwireError("bad_message", what);
    }
    const text = rest + part;
    rest = HIGH_SURROGATE.exec(text)?.[0] ?? "";
    const whole = text.slice(0, text.length - rest.length);
    if (whole) for (const piece of cut(whole, limit)) yield { text: piece, end: false };
  }
  yield { text: "", end: true };
}
function cut(raw, limit) {
  const text = raw.replace(UNSPEAKABLE, "�");
  if (text.length <= limit) return [text];
  const characters = Array.from(text);
  const parts = [];
  for (let i = 0; i < characters.length; i += limit) {
    parts.push(characters.slice(i, i + limit).join(""));
  }
  return parts;
}

// src/clock.js
var STALE_SECONDS = 1;
var HeardClock = class {
  #context;
  #now;
  #heard = 0;
  /**
   * @param {ContextClock} context
   * @param {() => number} [now] milliseconds, on the clock of `performance.now()`
   */
  constructor(context, now = () => performance.now()) {
    this.#context = context;
    this.#now = now;
  }
  /** Seconds of the context's time that were heard; never goes back. */
  get seconds() {
    const { currentTime } = this.#context;
    const time = this.#fromTimestamp(currentTime) ?? currentTime - this.#latency();
    this.#heard = Math.max(this.#heard, Math.min(Math.max(time, 0), currentTime));
    return this.#heard;
  }
  /** @param {number} currentTime */
  #fromTimestamp(currentTime) {
    const stamp = this.#context.getOutputTimestamp?.();
    if (!stamp?.contextTime || !stamp.performanceTime) return void 0;
    const age = (this.#now() - stamp.performanceTime) / 1e3;
    const lag = currentTime - stamp.contextTime;
    if (age < 0 || age > STALE_SECONDS || lag < 0 || lag > STALE_SECONDS) return void 0;
    return stamp.contextTime + age;
  }
  #latency() {
    return this.#context.outputLatency || this.#context.baseLatency || 0;
  }
};

// src/player.worklet.inline.js
var player_worklet_inline_default = "/**\n * Plays samples from a ring buffer and says where it is: on the audio thread, where nothing may be\n * allocated and nothing may wait.\n *\n * Positions count every sample that was ever put in. A position is never left out silently: what is\n * thrown away by a flush is jumped over, what does not fit is counted.\n */\n\nconst FADE_SECONDS = 0.005;\nconst REPORT_SECONDS = 0.1;\nconst START_SECONDS = 0.06;\nconst START_LIMIT_SECONDS = 0.6;\nconst CLEAN_SECONDS = 60;\n\n/**\n * A power of two long, so that a position becomes an index with one `&`.\n * @param {number} capacity\n */\nfunction ringOf(capacity) {\n  return new Float32Array(2 ** Math.ceil(Math.log2(capacity)));\n}\n\nclass LipwirePlayer extends AudioWorkletProcessor {\n  #ring;\n  #mask;\n  #read = 0;\n  #written = 0;\n  /** Up to here nothing is missing: to run dry at this position is no underrun. */\n  #complete = 0;\n  /** What was there when a flush was asked for ends here; -1 without one. */\n  #flush = -1;\n  #playing = false;\n  #fadeLength = Math.round(FADE_SECONDS * sampleRate);\n  #fadeIn = 0;\n  #fadeOut = 0;\n  #startAt = Math.round(START_SECONDS * sampleRate);\n  #lastUnderrun = 0;\n  #nextReport = 0;\n  /** One object for every report: postMessage copies it. */\n  #report = {\n    type: 'clock',\n    frame: 0,\n    position: 0,\n    playing: false,\n    buffered: 0,\n    rendered: 0,\n    underruns: 0,\n    overflow: 0,\n  };\n\n  /** @param {{processorOptions: {capacity: number}}} options */\n  constructor({ processorOptions }) {\n    super();\n    this.#ring = ringOf(processorOptions.capacity);\n    this.#mask = this.#ring.length - 1;\n    this.port.onmessage = ({ data }) => this.#receive(data);\n  }\n\n  /**\n   * @param {{type: 'write', samples: Float32Array} | {type: 'complete'} | {type: 'flush'}\n   *   | {type: 'grow', capacity: number}} message\n   */\n  #receive(message) {\n    if (message.type === 'write') this.#write(message.samples);\n    else if (message.type === 'complete') this.#complete = this.#written;\n    else if (message.type === 'flush') this.#stop();\n    else if (message.type === 'grow') this.#grow(message.capacity);\n  }\n\n  /** @param {number} capacity */\n  #grow(capacity) {\n    const ring = ringOf(Math.max(capacity, this.#ring.length));\n    const mask = ring.length - 1;\n    for (let position = this.#read; position < this.#written; position++) {\n      ring[position & mask] = this.#ring[position & this.#mask];\n    }\n    this.#ring = ring;\n    this.#mask = mask;\n  }\n\n  /** @param {Float32Array} samples */\n  #write(samples) {\n    const room = this.#ring.length - (this.#written - this.#read);\n    const count = Math.min(room, samples.length);\n    const index = this.#written & this.#mask;\n    const first = Math.min(count, this.#ring.length - index);\n    this.#ring.set(samples.subarray(0, first), index);\n    this.#ring.set(samples.subarray(first, count), 0);\n    this.#written += count;\n    if (count < samples.length) {\n      this.#report.overflow += samples.length - count;\n      this.#post('overflow', currentFrame);\n    }\n  }\n\n  /** Everything that is here now is to be dropped, after a fade. */\n  #stop() {\n    this.#flush = this.#written;\n    if (!this.#playing) this.#drop(currentFrame);\n  }\n\n  /** @param {number} frame */\n  #drop(frame) {\n    this.#playing = false;\n    this.#fadeOut = 0;\n    this.#post('flushed', frame);\n    this.#read = this.#flush;\n    this.#complete = Math.max(this.#complete, this.#flush);\n    this.#flush = -1;\n    this.#post('clock', frame);\n  }\n\n  /**\n   * @param {Float32Array[][]} _inputs\n   * @param {Float32Array[][]} outputs\n   */\n  process(_inputs, outputs) {\n    const output = outputs[0][0];\n    if (!this.#playing && this.#mayStart()) {\n      this.#playing = true;\n      this.#fadeIn = this.#fadeLength;\n      this.#post('start', currentFrame);\n    }\n    if (this.#playing) this.#render(output);\n    if (currentFrame >= this.#nextReport) {\n      this.#post('clock', currentFrame + output.length);\n      this.#nextReport = currentFrame + REPORT_SECONDS * sampleRate;\n    }\n    return true;\n  }\n\n  #mayStart() {\n    const available = this.#written - this.#read;\n    return available > 0 && (available >= this.#startAt || this.#complete === this.#written);\n  }\n\n  /** @param {Float32Array} output */\n  #render(output) {\n    const available = this.#written - this.#read;\n    const ending = this.#complete === this.#written;\n    if (this.#fadeOut === 0) {\n      if (this.#flush >= 0) {\n        this.#fadeOut = Math.min(this.#flush - this.#read, this.#fadeLength);\n        if (this.#fadeOut === 0) return this.#drop(currentFrame);\n      } else if (!ending && available < output.length + this.#fadeLength) {\n        // The last few samples were kept back for a fade, so that running dry makes no click.\n        this.#fadeOut = Math.min(available, this.#fadeLength);\n      }\n    }\n    if (this.#fadeOut > 0) this.#renderFade(output);\n    else if (ending && available <= output.length) {\n      this.#copy(output, available);\n      this.#rest('idle', currentFrame + available);\n    } else {\n      this.#copy(output, output.length);\n      if (currentFrame - this.#lastUnderrun > CLEAN_SECONDS * sampleRate) {\n        this.#startAt = Math.round(START_SECONDS * sampleRate);\n      }\n    }\n  }\n\n  /** @param {Float32Array} output */\n  #renderFade(output) {\n    const count = Math.min(this.#fadeOut, output.length);\n    this.#copy(output, count);\n    for (let i = 0; i < count; i++) {\n      this.#fadeOut -= 1;\n      output[i] *= this.#fadeOut / this.#fadeLength;\n    }\n    if (this.#fadeOut > 0) return;\n    if (this.#flush >= 0) this.#drop(currentFrame + count);\n    else this.#underrun(currentFrame + count);\n  }\n\n  /** @param {number} frame */\n  #underrun(frame) {\n    this.#report.underruns += 1;\n    this.#startAt = Math.min(this.#startAt * 1.5, START_LIMIT_SECONDS * sampleRate);\n    this.#lastUnderrun = currentFrame;\n    this.#rest('underrun', frame);\n  }\n\n  /**\n   * @param {'idle' | 'underrun'} type\n   * @param {number} frame\n   */\n  #rest(type, frame) {\n    this.#playing = false;\n    this.#post(type, frame);\n  }\n\n  /**\n   * @param {Float32Array} output\n   * @param {number} count\n   */\n  #copy(output, count) {\n    for (let i = 0; i < count; i++) {\n      const sample = this.#ring[(this.#read + i) & this.#mask];\n      if (this.#fadeIn > 0) {\n        output[i] = sample * (1 - this.#fadeIn / this.#fadeLength);\n        this.#fadeIn -= 1;\n      } else {\n        output[i] = sample;\n      }\n    }\n    this.#read += count;\n    this.#report.rendered += count;\n  }\n\n  /**\n   * @param {string} type\n   * @param {number} frame the context's frame at which `position` is\n   */\n  #post(type, frame) {\n    const report = this.#report;\n    report.type = type;\n    report.frame = frame;\n    report.position = this.#read;\n    report.playing = this.#playing;\n    report.buffered = this.#written - this.#read;\n    this.port.postMessage(report);\n  }\n}\n\nregisterProcessor('lipwire-player', LipwirePlayer);\n";

// src/position-track.js
var KEPT = 256;
var PositionTrack = class {
  /** @type {{frame: number, position: number, playing: boolean}[]} */
  #spans = [{ frame: 0, position: 0, playing: false }];
  /**
   * From `frame` on.
   * @param {number} frame
   * @param {number} position
   * @param {boolean} playing
   */
  mark(frame, position, playing) {
    const last = this.#spans[this.#spans.length - 1];
    if (last.playing === playing && positionIn(last, frame) === position) return;
    this.#spans.push({ frame, position, playing });
    if (this.#spans.length > KEPT) this.#spans.shift();
  }
  /** @param {number} frame */
  positionAt(frame) {
    return positionIn(
      this.#spanAt((span) => span.frame <= frame),
      frame
    );
  }
  /**
   * Inverse of `positionAt` for a position that was reached.
   * @param {number} position
   */
  frameAt(position) {
    const span = this.#spanAt((candidate) => candidate.playing && candidate.position <= position);
    return span.frame + position - span.position;
  }
  /** @param {(span: {frame: number, position: number, playing: boolean}) => boolean} fits */
  #spanAt(fits) {
    for (let i = this.#spans.length - 1; i > 0; i--) {
      if (fits(this.#spans[i])) return this.#spans[i];
    }
    return this.#spans[0];
  }
};
function positionIn(span, frame) {
  return span.playing ? span.position + Math.max(0, frame - span.frame) : span.position;
}

// src/player.js
var FLUSH_MS = 100;
var Player = class _Player extends Emitter {
  #context;
  #node;
  #clock;
  #track = new PositionTrack();
  #written = 0;
  #rendered = 0;
  /** @type {WorkletReport} */
  #last = {
    type: "clock",
    frame: 0,
    position: 0,
    playing: false,
    buffered: 0,
    rendered: 0,
    underruns: 0,
    overflow: 0
  };
  /**
   * @param {{sampleRate: number, bufferMs: number, workletUrl?: string}} options
   */
  static async create({ sampleRate, bufferMs, workletUrl }) {
    const context = openContext(sampleRate);
    try {
      await addWorklet(context, workletUrl);
    } catch (error) {
      await context.close();
      throw error;
    }
    return new _Player(context, Math.ceil(bufferMs / 1e3 * sampleRate));
  }
  /**
   * @param {AudioContext} context
   * @param {number} capacity
   */
  constructor(context, capacity) {
    super();
    this.#context = context;
    this.#clock = new HeardClock(context);
    this.#node = new AudioWorkletNode(context, "lipwire-player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { capacity }
    });
    this.#node.port.onmessage = ({ data }) => this.#receive(data);
    this.#node.connect(context.destination);
    context.onstatechange = () => this.emit("state", context.state);
  }
  get sampleRate() {
    return this.#context.sampleRate;
  }
  get state() {
    return this.#context.state;
  }
  /** For graphs of the page's own: analysers, recorders. */
  get node() {
    return this.#node;
  }
  /** Samples that were given to play. */
  get written() {
    return this.#written;
  }
  /** The position that is heard now. */
  get heard() {
    const frame = Math.round(this.#clock.seconds * this.sampleRate);
    return Math.min(this.#track.positionAt(frame), this.#written);
  }
  get last() {
    return this.#last;
  }
  /** Lets sound out; browsers allow it in a click, a tap or a key press only. */
  async unlock() {
    if (this.state !== "running") await this.#context.resume();
  }
  /**
   * Takes the samples over; answers where the first of them lies.
   * @param {Float32Array<ArrayBuffer>} samples
   */
  write(samples) {
    const position = this.#written;
    this.#written += samples.length;
    this.#node.port.postMessage({ type: "write", samples }, [samples.buffer]);
    return position;
  }
  /**
   * Makes room for more than was agreed on.
   * @param {number} ms
   */
  grow(ms) {
    const capacity = Math.ceil(ms / 1e3 * this.sampleRate);
    this.#node.port.postMessage({ type: "grow", capacity });
  }
  /** Says that nothing is missing so far: running dry here is an end, no underrun. */
  complete() {
    this.#node.port.postMessage({ type: "complete" });
  }
  /**
   * Stops and throws away what waits; answers the position at which the sound ends.
   * @returns {Promise<number>}
   */
  flush() {
    const { state } = this;
    this.#node.port.postMessage({ type: "flush" });
    if (state !== "running") return Promise.resolve(this.heard);
    return new Promise((resolve) => {
      const off = this.on("report", (report) => {
        if (report.type === "flushed") done(report.position);
      });
      const timer = setTimeout(() => done(this.heard), FLUSH_MS);
      const done = (position) => {
        off();
        clearTimeout(timer);
        resolve(position);
      };
    });
  }
  /**
   * When a position is or was heard, on the clock of `performance.now()`.
   * @param {number} position
   */
  heardAt(position) {
    const ahead = this.#track.frameAt(position) / this.sampleRate - this.#clock.seconds;
    return performance.now() + ahead * 1e3;
  }
  stats() {
    const { buffered, underruns, overflow } = this.#last;
    return {
      written: this.#written,
      played: this.#rendered,
      bufferedMs: Math.round(buffered * 1e3 / this.sampleRate),
      underruns,
      overflow,
      context: this.state,
      sampleRate: this.sampleRate
    };
  }
  async close() {
    this.#node.port.onmessage = null;
    this.#node.disconnect();
    this.#context.onstatechange = null;
    await this.#context.close();
  }
  /** @param {WorkletReport} report */
  #receive(report) {
    this.#last = report;
    this.#rendered = report.rendered;
    this.#track.mark(report.frame, report.position, report.playing);
    this.emit("report", report);
  }
};
function openContext(sampleRate) {
  try {
    return new AudioContext({ sampleRate, latencyHint: "interactive" });
  } catch (cause) {
    throw new LipwireError("audio_unavailable", `this browser plays no sound at ${sampleRate} Hz`, {
      cause
    });
  }
}
async function addWorklet(context, workletUrl) {
  if (!context.audioWorklet) {
    throw new LipwireError(
      "audio_unavailable",
      "this page has no AudioWorklet: open it over https or on localhost"
    );
  }
  if (!workletUrl && await mayAdd(context, besideThis())) return;
  const url = workletUrl ?? URL.createObjectURL(new Blob([player_worklet_inline_default], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
  } catch (cause) {
    const hint = workletUrl ? `no audio worklet at workletUrl ${workletUrl}` : "there is no player.worklet.js next to the client, and the page may not load the audio worklet from a blob (Content-Security-Policy): serve that file and pass its address as workletUrl";
    throw new LipwireError("worklet_unavailable", hint, { cause });
  } finally {
    if (!workletUrl) URL.revokeObjectURL(url);
  }
}
function besideThis() {
  try {
    return new URL("./player.worklet.js", import.meta.url).href;
  } catch {
    return void 0;
  }
}
async function mayAdd(context, url) {
  if (!url) return false;
  try {
    await context.audioWorklet.addModule(url);
    return true;
  } catch {
    return false;
  }
}

// src/playout.js
var Playout = class {
  #player;
  #report;
  /** @type {Entry[]} */
  #entries = [];
  /**
   * @param {Player} player
   * @param {(played: Played) => void} report
   */
  constructor(player, report) {
    this.#player = player;
    this.#report = report;
  }
  get sampleRate() {
    return this.#player.sampleRate;
  }
  /**
   * @param {SpokenUtterance} utterance
   * @param {Float32Array<ArrayBuffer>} samples
   */
  write(utterance, samples) {
    utterance.emit("audio", { start: utterance.arrived, samples });
    utterance.arrived += samples.length;
    const base = this.#player.write(samples);
    if (this.#entryOf(utterance)) return;
    const { underruns } = this.#player.last;
    this.#entries.push({ utterance, base, underruns, reported: 0 });
  }
  /** Nothing is missing so far. */
  complete() {
    this.#player.complete();
  }
  /**
   * Utterances whose sound comes before that of `utterance`, and is not over.
   * @param {SpokenUtterance} utterance
   */
  before(utterance) {
    const index = this.#entries.findIndex((entry) => entry.utterance === utterance);
    const earlier = this.#entries.slice(0, Math.max(0, index)).map((entry) => entry.utterance);
    return earlier.filter(({ settled }) => !settled);
  }
  /**
   * Whether something of it may still be heard, and nothing of another after it.
   * @param {SpokenUtterance} utterance
   */
  endsWith(utterance) {
    return this.#entries.at(-1)?.utterance === utterance;
  }
  /** The utterance that is heard now, and its sample. */
  get current() {
    const { heard } = this.#player;
    const entry = this.#entries.findLast(({ base }) => base <= heard) ?? this.#entries[0];
    if (!entry || entry.utterance.halted || entry.utterance.settled) return void 0;
    return { utterance: entry.utterance, sample: this.#sampleIn(entry, heard) };
  }
  /** Tells the utterances how far they were heard. */
  advance() {
    const { heard } = this.#player;
    for (const entry of this.#entries) {
      if (entry.utterance.halted || heard <= entry.base) continue;
      const sample = this.#sampleIn(entry, heard);
      entry.utterance.hear(sample, this.#player.heardAt(entry.base));
    }
  }
  /** @param {WorkletReport} worklet */
  report(worklet) {
    this.advance();
    for (const entry of this.#entries) {
      const { utterance } = entry;
      if (!utterance.known || utterance.halted || utterance.heard === entry.reported) continue;
      entry.reported = utterance.heard;
      this.#report({
        type: "played",
        utterance: utterance.number,
        sample: utterance.heard,
        buffered_ms: Math.round(worklet.buffered * 1e3 / this.#player.sampleRate),
        underruns: worklet.underruns - entry.underruns,
        first_ms: utterance.firstSoundMs
      });
    }
    const { heard } = this.#player;
    this.#entries = this.#entries.filter(
      // One that failed may still have sound here, which is yet to be stopped.
      ({ utterance, base }) => !utterance.settled || heard < base + utterance.arrived
    );
  }
  /**
   * Stops the sound at once; everything that waits is thrown away.
   * @returns {Promise<Map<SpokenUtterance, number>>} where each utterance ended
   */
  async stop() {
    const stopped = this.#entries;
    this.#entries = [];
    const end = await this.#player.flush();
    const silentAt = this.#player.heardAt(end);
    for (const { utterance } of stopped) utterance.silentAt = silentAt;
    return new Map(stopped.map((entry) => [entry.utterance, this.#sampleIn(entry, end)]));
  }
  /**
   * @param {Entry} entry
   * @param {number} position
   */
  #sampleIn({ utterance, base }, position) {
    return Math.min(Math.max(0, position - base), utterance.arrived);
  }
  /** @param {SpokenUtterance} utterance */
  #entryOf(utterance) {
    return this.#entries.find((entry) => entry.utterance === utterance);
  }
};

// src/questions.js
var Questions = class {
  /** @type {Question[]} */
  #open = [];
  /**
   * @template {keyof Answers} Type
   * @param {Type} type
   * @returns {Promise<Answers[Type]>}
   */
  ask(type) {
    return new Promise((resolve, reject) => this.#open.push({ type, resolve, reject }));
  }
  /**
   * @param {ServerMessage} message
   * @returns {boolean} whether somebody has asked for it
   */
  answer(message) {
    if (this.#open[0]?.type !== message.type) return false;
    this.#open.shift()?.resolve(message);
    return true;
  }
  /**
   * @param {LipwireError} error
   * @returns {boolean} whether it was for somebody who asked
   */
  refuse(error) {
    const refused = this.#open.shift();
    refused?.reject(error);
    return refused !== void 0;
  }
  /** @param {LipwireError} error why no answer will come */
  close(error) {
    for (const { reject } of this.#open.splice(0)) reject(error);
  }
};

// src/ticker.js
var EVERY_MS = 30;
var Ticker = class {
  #tick;
  #waiting = false;
  /** @param {() => boolean} tick answers whether it is to be called again */
  constructor(tick) {
    this.#tick = tick;
  }
  start() {
    if (this.#waiting || typeof requestAnimationFrame === "undefined") return;
    this.#waiting = true;
    setTimeout(() => requestAnimationFrame(() => this.#drawn()), EVERY_MS);
  }
  #drawn() {
    this.#waiting = false;
    if (this.#tick()) this.start();
  }
};

// src/watchdog.js
var PING_MS = 5e3;
var ANSWER_MS2 = 1e4;
var Watchdog = class {
  #arrived = 0;
  #looked = Number.NEGATIVE_INFINITY;
  /** @type {number | undefined} */
  #pinged;
  /** @param {number} now when something came from the other end */
  arrived(now) {
    this.#arrived = now;
    this.#pinged = void 0;
  }
  /**
   * What is to be done now; ask about once a second.
   * @param {number} now
   * @param {boolean} expecting whether something has to come
   * @returns {'nothing' | 'ping' | 'give up'}
   */
  look(now, expecting) {
    const slept = now - this.#looked > PING_MS;
    this.#looked = now;
    if (!expecting || slept) this.arrived(now);
    if (this.#pinged !== void 0) {
      return now - this.#pinged >= ANSWER_MS2 ? "give up" : "nothing";
    }
    if (now - this.#arrived < PING_MS) return "nothing";
    this.#pinged = now;
    return "ping";
  }
};

// src/vigil.js
var LOOK_MS = 1e3;
var Vigil = class {
  #watchdog = new Watchdog();
  #now;
  #ask;
  #giveUp;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #looking;
  /**
   * @param {() => number} now
   * @param {(stamp: number) => void} ask sends something that has to be answered
   * @param {() => void} giveUp
   */
  constructor(now, ask, giveUp) {
    this.#now = now;
    this.#ask = ask;
    this.#giveUp = giveUp;
  }
  arrived() {
    this.#watchdog.arrived(this.#now());
  }
  /** @param {boolean} expecting whether something has to come */
  keep(expecting) {
    if (expecting && this.#looking === void 0) {
      this.#look();
      this.#looking = setInterval(() => this.#look(), LOOK_MS);
    } else if (!expecting) {
      clearInterval(this.#looking);
      this.#looking = void 0;
    }
  }
  #look() {
    const now = this.#now();
    const advice = this.#watchdog.look(now, true);
    if (advice === "ping") this.#ask(Math.round(now));
    else if (advice === "give up") this.#giveUp();
  }
};

// src/client.js
var SPARE_MS = 2e3;
var LAST_MS = 6e4;
var BUFFERED_BYTES = 65536;
var DRAIN_MS = 20;
var CONNECT_MS = 3e4;
var LipwireClient = class extends Emitter {
  #url;
  #options;
  #surroundings;
  #now;
  /** @type {ClientState} */
  #state = "idle";
  /** @type {ProtocolSocket | undefined} */
  #socket;
  /** @type {Promise<Ready> | undefined} */
  #connected;
  /** @type {((ready: Ready) => void) | undefined} */
  #accept;
  /** @type {((error: LipwireError) => void) | undefined} */
  #refuse;
  /** @type {Ready | undefined} */
  #ready;
  /** @type {Player | undefined} */
  #player;
  #questions = new Questions();
  /** @type {FaceState | undefined} */
  #pose;
  #paused = false;
  #conversation;
  #ticker = new Ticker(() => this.#tick());
  #vigil;
  /**
   * @param {string | URL} [url] the server's `/v1/stream`; that of this page's server when left out
   * @param {ClientOptions} [options]
   * @param {Surroundings} [surroundings]
   */
  constructor(url, options = {}, surroundings = {}) {
    super();
    this.#url = streamUrl(url);
    this.#options = options;
    this.#surroundings = surroundings;
    this.#now = surroundings.now ?? (() => performance.now());
    this.#vigil = new Vigil(
      this.#now,
      (stamp) => this.#socket?.send({ type: "ping", stamp }),
      () => this.#socket?.abandon(connectionLost("the server does not answer"))
    );
    this.face = new Face(this.#now, () => this.position());
    this.#conversation = new Conversation((message) => this.#socket?.send(message), this.face);
    this.#conversation.on("warning", (warning) => this.emit("warning", warning));
    this.#conversation.on("error", (error) => this.emit("error", error));
  }
  get state() {
    return this.#state;
  }
  /** Between `pause` and `resume`; what has something to say then is still `speaking`. */
  get paused() {
    return this.#paused;
  }
  /** What the server grants; undefined while there is no connection. */
  get session() {
    return this.#ready;
  }
  /** The node that the sound comes from, for analysers and recorders. */
  get audioNode() {
    return this.#player?.node;
  }
  /**
   * Connects, unless it is connected; `speak` does it by itself.
   * @returns {Promise<Ready>}
   */
  connect() {
    this.#connected ??= this.#open();
    return this.#connected;
  }
  /** Lets sound out. Browsers allow it in a click, a tap or a key press only: call it in one. */
  async unlock() {
    if (!this.#player) await this.connect();
    if (!this.#paused) await this.#player?.unlock();
  }
  /**
   * Says a text, or a stream of text while it is being written.
   * @param {TextSource} source
   * @returns {SpokenUtterance}
   */
  speak(source) {
    const utterance = this.#conversation.begin();
    this.emit("utterance", utterance);
    this.#say(utterance, source).catch((cause) => {
      const known = cause instanceof LipwireError;
      this.#conversation.drop(
        utterance,
        known ? cause : new LipwireError("internal", String(cause), { cause })
      );
      this.#update();
    });
    this.#update();
    return utterance;
  }
  /**
   * Barge-in: silence now. Answers what was heard of the utterance that was speaking, and undefined
   * when nothing was.
   * @returns {Promise<Heard | undefined>}
   */
  async interrupt() {
    const interrupted = this.#conversation.interrupt(this.#ready !== void 0);
    this.#update();
    const heard = await interrupted;
    this.#update();
    return heard;
  }
  /**
   * Changes how it speaks from the next sentence on, also after a connection was lost. Answers what
   * holds then; when the server refuses, nothing has changed.
   * @param {Changes} changes
   * @returns {Promise<Configured>}
   */
  async configure(changes) {
    await this.connect();
    const answer = this.#questions.ask("configured");
    this.#socket?.send(configureOf(changes));
    const configured = await answer;
    const speaker = changes.voice === void 0 ? this.#options.speaker : void 0;
    const news = Object.entries(changes).filter(([, value]) => value !== void 0);
    this.#options = { ...this.#options, speaker, ...Object.fromEntries(news) };
    return configured;
  }
  /**
   * Sets the emotion, where the eyes look and how the head is held, also after a connection was lost;
   * what is left out stays as it is. Answers all of it.
   * @param {Partial<FaceState>} changes
   * @returns {Promise<FaceState>}
   */
  async pose(changes) {
    await this.connect();
    const answer = this.#questions.ask("posed");
    this.#socket?.send({ type: "pose", ...changes });
    const { emotion, gaze, head } = await answer;
    this.#pose = { emotion, gaze, head };
    return this.#pose;
  }
  /**
   * Holds the sound at once, and what is said from now on, until `resume`; `interrupt` still stops it
   * for good.
   */
  async pause() {
    this.#paused = true;
    if (this.#ready) this.#socket?.send({ type: "pause" });
    const context = (
      /** @type {AudioContext | undefined} */
      this.#player?.node.context
    );
    await context?.suspend();
    this.#update();
  }
  /** Goes on where `pause` stopped it. */
  async resume() {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#ready) this.#socket?.send({ type: "continue" });
    await this.#player?.unlock();
    this.#update();
  }
  /** What is heard now; undefined in silence. */
  position() {
    return this.#conversation.playout?.current;
  }
  /** For how many milliseconds nothing has been heard although more of it has to come. */
  get dryMs() {
    const current = this.position();
    if (!current || current.utterance.lost || this.#paused || this.#state !== "speaking") return 0;
    if (current.utterance.state === "ended" && current.sample >= current.utterance.arrived)
      return 0;
    const { stillMs } = this.face;
    return stillMs > DRY_MS ? stillMs : 0;
  }
  stats() {
    return this.#player?.stats();
  }
  async close() {
    this.#setState("closed");
    this.#socket?.close();
    this.#lost(void 0);
    const player = this.#player;
    this.#player = void 0;
    this.#conversation.playout = void 0;
    await player?.close();
  }
  /** @returns {Promise<Ready>} */
  async #open() {
    this.#setState("connecting");
    const granted = new Promise((resolve, reject) => {
      this.#accept = resolve;
      this.#refuse = reject;
    });
    const socket = new ProtocolSocket(
      this.#url,
      {
        onOpen: () => socket.send(helloOf(this.#options)),
        onMessage: (message) => this.#receive(message),
        onClose: (error) => {
          if (this.#socket === socket) this.#lost(error);
        }
      },
      this.#surroundings.Socket
    );
    this.#socket = socket;
    const timer = setTimeout(() => {
      socket.abandon(new LipwireError("connection_failed", `no answer from ${this.#url}`));
    }, CONNECT_MS);
    try {
      const ready = await granted.finally(() => clearTimeout(timer));
      await this.#openPlayer(ready);
      this.#ready = ready;
      if (this.#paused) socket.send({ type: "pause" });
      if (this.#pose) socket.send({ type: "pose", ...this.#pose });
      this.#conversation.text.limits = ready.limits;
      this.#update();
      this.emit("ready", ready);
      return ready;
    } catch (error) {
      if (this.#socket === socket) {
        socket.close();
        this.#lost(
          /** @type {LipwireError} */
          error
        );
      }
      throw error;
    }
  }
  /** @param {Ready} ready */
  async #openPlayer({ audio, voice, flow }) {
    const sampleRate = audio.sample_rate ?? voice.sample_rate;
    if (this.#player?.sampleRate === sampleRate) return;
    if (this.#player) {
      await this.#player.close();
      this.#conversation.silenced(connectionLost("the voice has changed"));
    }
    const create = this.#surroundings.createPlayer ?? Player.create;
    const bufferMs = flow.lead_ms + SPARE_MS;
    const { workletUrl } = this.#options;
    const player = await create({ sampleRate, bufferMs, workletUrl });
    const playout = new Playout(player, (played) => this.#socket?.send(played));
    player.on("report", (report) => {
      if (report.type === "overflow") {
        this.#socket?.fail(new LipwireError("bad_state", "the server sent more than was agreed"));
      }
      playout.report(report);
      this.#update();
    });
    player.on("state", () => this.#update());
    this.#player = player;
    this.#conversation.playout = playout;
  }
  /**
   * @param {SpokenUtterance} utterance
   * @param {TextSource} source
   */
  async #say(utterance, source) {
    checkSource(source);
    await this.connect();
    for await (const { text, end } of pieces(source, this.#conversation.text.pieceLimit)) {
      if (!await this.#conversation.text.say(utterance, text, end)) return;
      while ((this.#socket?.bufferedAmount ?? 0) > BUFFERED_BYTES) await pause(DRAIN_MS);
    }
  }
  /** @param {ServerMessage} message */
  #receive(message) {
    this.#vigil.arrived();
    switch (message.type) {
      case "ready":
        this.face.begin(message.frames, message.audio.sample_rate);
        this.#accept?.(message);
        break;
      case "goaway":
        this.#player?.grow(LAST_MS);
        break;
      case "configured":
        this.face.grant(message.frames);
        if (this.#ready) this.#ready = { ...this.#ready, ...message, type: "ready" };
        this.#questions.answer(message);
        break;
      case "posed":
        this.#questions.answer(message);
        break;
      case "sprites":
        this.face.add(message.sprites);
        break;
      case "idle":
        this.face.idle(message);
        break;
      default:
        if (!this.#refused(message)) this.#conversation.receive(message);
    }
    this.#ticker.start();
    this.#update();
  }
  /**
   * Of what is sent from here, only questions are answered by an error of no utterance.
   * @param {ServerMessage} message
   */
  #refused(message) {
    if (message.type !== "error" || message.utterance != null) return false;
    return this.#questions.refuse(errorOf(message));
  }
  /** @param {LipwireError | undefined} error */
  #lost(error) {
    this.#socket = void 0;
    this.#connected = void 0;
    this.#ready = void 0;
    const reason = error ?? connectionLost("the client was closed");
    this.#refuse?.(reason);
    this.#questions.close(reason);
    this.#conversation.lost(reason, this.#state !== "closed");
    this.#ticker.start();
    this.#update();
    if (error) this.emit("error", error);
  }
  /** Words are told in time while there are frames; the worklet's reports do the rest. */
  #tick() {
    this.#conversation.playout?.advance();
    this.#update();
    return this.#state === "speaking";
  }
  #update() {
    this.#vigil.keep(this.#ready !== void 0 && this.#conversation.expecting);
    if (this.#state === "closed" && !this.#connected) return;
    this.#setState(this.#stateNow());
  }
  /** @returns {ClientState} */
  #stateNow() {
    if (this.#connected && !this.#ready) return "connecting";
    const { speaking } = this.#conversation;
    if (speaking && !this.#paused && this.#player && this.#player.written > 0 && this.#player.state !== "running") {
      return "blocked";
    }
    if (speaking) return "speaking";
    return this.#ready ? "ready" : "idle";
  }
  /** @param {ClientState} state */
  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.emit("state", state);
  }
};
function connectionLost(why) {
  return new LipwireError("connection_lost", why);
}
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
export {
  CloseCode,
  ERROR_CODES,
  Face,
  HOP,
  HeardClock,
  LipwireClient,
  LipwireError,
  Mouth,
  Oculus,
  SETS,
  SUBPROTOCOL,
  SpokenUtterance,
  TRANSITIONS,
  WEIGHT_SETS,
  advance,
  closeCodeOf,
  decode2 as decode,
  encode2 as encode,
  hopsToSamples,
  httpStatusOf,
  msToSamples,
  relax,
  rescale,
  samplesToMs
};
