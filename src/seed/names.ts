import type { Chance } from "./chance.ts";

const BEGINNINGS =
  "Al An Ar Bar Bel Ber Bor Bran Cal Car Cor Dan Del Dor El Far Fen Gar Gil Hal Har Hol Jan Kal Kar Kel Lan Lor Mal Mar Mor Nal Nor Ol Or Pal Per Quin Ral Ros Sal San Ser Sol Tal Tor Ul Val Var Ver Wal Win Yar Zan".split(
    " ",
  );
const MIDDLES = "a e i o u an en in on ar er or il el am".split(" ");
const ENDINGS =
  "bach berg dale den dorf etti field ford gard ham holm ini kov land ley lund man mann mark mond nova quist rich rosa sen ski son stein strom ton vald vic ville wick wood".split(
    " ",
  );
const FIRST_NAMES =
  "Ada Aïcha Amélie Anna Ben Björn Carla Chloé Diego Elif Emil Fatima Félix Greta Hanna Hugo Ines Ivan Jonas José Julia Kaito Lena Léa Lucas Magda Mia Mila Nadia Noah Nora Olga Omar Paul Pavel Rosa Sara Sören Theo Tomás Uma Vera Yuki Zoë".split(
    " ",
  );
const ADJECTIVES =
  "Ancient Blue Broken Burning Crimson Crystal Dancing Distant Electric Endless Fading Flying Forgotten Frozen Gentle Golden Hidden Hollow Holy Iron Last Laughing Lonely Lost Lucky Magic Midnight Neon Northern Paper Purple Quiet Restless Royal Sacred Scarlet Secret Silent Silver Sleeping Southern Stone Velvet Violet Wandering Wicked Wild Winter Wooden Young".split(
    " ",
  );
const NOUNS =
  "Animals Anthems Arrows Aurora Birds Bones Bridges Castles Cities Clouds Comets Coyotes Crows Dragons Dreamers Echoes Engines Ferns Fires Foxes Gardens Ghosts Giants Harbours Hearts Horses Kings Lanterns Larks Lights Lions Machines Mirrors Mountains Oceans Orchids Owls Pilots Pirates Planets Rivers Rockets Roses Sailors Satellites Shadows Sirens Sparrows Storms Strangers Tigers Trees Vampires Voices Waves Whales Wolves".split(
    " ",
  );

/** There are tens of thousands of them. */
export const surname = (chance: Chance): string =>
  `${chance.one(BEGINNINGS)}${chance.isSo(0.6) ? chance.one(MIDDLES) : ""}${chance.one(ENDINGS)}`;

export const person = (chance: Chance): string => `${chance.one(FIRST_NAMES)} ${surname(chance)}`;

export function band(chance: Chance): string {
  const kind = chance.share();
  if (kind < 0.45) return `The ${chance.one(ADJECTIVES)} ${chance.one(NOUNS)}`;
  if (kind < 0.65) return `${chance.one(ADJECTIVES)} ${chance.one(NOUNS)}`;
  if (kind < 0.85) return person(chance);
  return `${surname(chance)} & the ${chance.one(NOUNS)}`;
}

export const tour = (chance: Chance): string => `${chance.one(ADJECTIVES)} ${chance.one(NOUNS)} Tour`;

export const title = (chance: Chance): string => `The ${chance.one(ADJECTIVES)} ${chance.one(NOUNS).replace(/s$/, "")}`;
