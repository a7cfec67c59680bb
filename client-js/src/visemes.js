/**
 * Names of every viseme set that can be asked for, indexed by wire number.
 * The numbers are never changed.
 */
export const SETS = Object.freeze({
  oculus: Object.freeze(
    /** @type {const} */ ([
      'sil',
      'PP',
      'FF',
      'TH',
      'DD',
      'kk',
      'CH',
      'SS',
      'nn',
      'RR',
      'aa',
      'E',
      'ih',
      'oh',
      'ou',
    ]),
  ),
});

/** Wire numbers of the 15 Oculus visemes. */
export const Oculus = Object.freeze({
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
  OU: 14,
});
