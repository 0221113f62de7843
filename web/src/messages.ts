// Written by `make messages` from src/pellucid/studio/{wishes,answers,frame}.py; do not edit.
// What the studio and its page say to each other.

export type Grain = "epoch" | "batch" | "example" | "operation";

export type StageName = "forward" | "loss" | "zero" | "backward" | "update";

/**
 * Look at a moment of a run; the first thing that a page says, and how it comes back to where it was.
 *
 * Args:
 *     run: its name; "" for the one that the studio opened with.
 *     step: from 1, `@step`; null for the moment after the last planned step; 0: where the run
 *         was opened.
 *     row: of the table, from 1; 0: the first one with a truth.
 *     cells: a row of one's own instead, by column, as typed.
 *     stage: of the step, as in `Frame`.
 *     speed: goes on playing, as in `Play`; null: stands still.
 */
export interface Look {
  kind: "look";
  run: string;
  step: number | null;
  row: number;
  cells: Record<string, string>;
  stage: number;
  speed: number | null;
}

/**
 * Let time go on from here: what is not trained yet is trained.
 *
 * Args:
 *     speed: steps a second; 0: as fast as the engine goes.
 */
export interface Play {
  kind: "play";
  speed: number;
}

/**
 * Let time stand still.
 */
export interface Pause {
  kind: "pause";
}

/**
 * Go a little forwards or backwards, and stand still there.
 *
 * Args:
 *     by: how many of the grain; below 0: backwards.
 *     grain: an epoch; a batch (one training step); the next row of the batch; the next of the
 *         five stages of a step.
 */
export interface Step {
  kind: "step";
  by: number;
  grain: Grain;
}

/**
 * Go to a step (what is not trained yet is trained) and stand still there.
 *
 * Args:
 *     step: from 1; null for the moment after the last planned step.
 *     stage: of the step, as in `Frame`.
 */
export interface Go {
  kind: "go";
  step: number | null;
  stage: number;
}

/**
 * Go back to before the first step; what was trained is kept and comes again as it was.
 */
export interface Restart {
  kind: "restart";
}

/**
 * Show another row of the table.
 *
 * Args:
 *     row: from 1.
 */
export interface Choose {
  kind: "choose";
  row: number;
}

/**
 * Show a row of one's own.
 *
 * Args:
 *     cells: by column, in the columns' own units: "10", "10 h"; "" for a cell that is not known.
 */
export interface TypeRow {
  kind: "type";
  cells: Record<string, string>;
}

/**
 * List other rows of the table.
 *
 * Args:
 *     first: the first of them, from 1.
 */
export interface Page {
  kind: "page";
  first: number;
}

/**
 * Open a number; answered by `Explained` or `Failed` with the same `id`.
 */
export interface Explain {
  kind: "explain";
  id: number;
  address: string;
}

/**
 * Compute a number again; answered by `Checked` or `Failed` with the same `id`.
 */
export interface Check {
  kind: "check";
  id: number;
  address: string;
}

/**
 * Tell the step in its five stages; answered by `Told` or `Failed` with the same `id`.
 */
export interface Tell {
  kind: "tell";
  id: number;
}

/**
 * Begin a run of one's own; answered by its `Scene`, or `Failed` with the same `id`.
 *
 * Args:
 *     id: of the question.
 *     table: a bundled table's name, or the `table` of `Uploaded`.
 *     target: the column to predict; "": the one that a bundled table is about.
 *     seed: any whole number.
 */
export interface Begin {
  kind: "begin";
  id: number;
  table: string;
  target: string;
  seed: number;
}

/**
 * A frame was drawn; the next one may come.
 *
 * Args:
 *     frame: its number.
 */
export interface Ack {
  kind: "ack";
  frame: number;
}

/**
 * A column of the table that the network reads.
 *
 * Args:
 *     name: as in the table.
 *     unit: "" if it has none.
 *     kind: "number" or "category".
 *     levels: of a category: the values that are known.
 *     low: of a number: the smallest in the training rows.
 *     high: of a number: the largest.
 */
export interface Column {
  name: string;
  unit: string;
  kind: string;
  levels: string[];
  low: number | null;
  high: number | null;
}

/**
 * A number that the network reads.
 *
 * Args:
 *     name: such as "city=Paris".
 *     column: it comes from.
 *     address: its place: `row:N ADDRESS` opens it.
 */
export interface Input {
  name: string;
  column: string;
  address: string;
}

/**
 * A neuron of a layer.
 *
 * Args:
 *     name: "3", or of an output its name.
 *     address: its place, such as "hidden1.3" or "output.passed": `row:N ADDRESS.a` opens its
 *         activation, `ADDRESS.bias` its bias, `ADDRESS.weight.SOURCE` the weight of the line that
 *         comes from an input's address or from a neuron's place.
 *     weights: the `SOURCE`s of its lines, in the order of the layer before.
 */
export interface Neuron {
  name: string;
  address: string;
  weights: string[];
}

/**
 * A layer of the network.
 *
 * Args:
 *     name: "hidden1" … "output".
 *     activation: "ReLU", "sigmoid", …; "" for none.
 *     weight: the parameter's name, shape (neurons, sources).
 *     bias: the parameter's name, shape (neurons,); "" if it has none.
 *     neurons: all of them.
 */
export interface Layer {
  name: string;
  activation: string;
  weight: string;
  bias: string;
  neurons: Neuron[];
}

/**
 * What is predicted.
 *
 * Args:
 *     name: the column.
 *     type: "yes/no", "classes" or "number".
 *     labels: of yes/no first the negative, then the positive one; of classes all.
 *     unit: of a number.
 */
export interface Target {
  name: string;
  type: string;
  labels: string[];
  unit: string;
}

/**
 * A row of the table.
 *
 * Args:
 *     row: from 1.
 *     cells: as people say them, in the order of `Scene.columns`: "10 h".
 *     truth: as people say it; "" where it is not known.
 *     use: "training", "validation" (chooses the best epoch), "test" (never seen) or "".
 */
export interface Row {
  row: number;
  cells: string[];
  truth: string;
  use: string;
}

/**
 * The rows that are listed; their answers stand in every frame.
 */
export interface Rows {
  kind: "rows";
  rows: Row[];
  count: number;
}

/**
 * What does not change with time: the run, its table and the shape of its network.
 *
 * Args:
 *     run: how to ask for it again.
 *     name: of the run's folder; "" while nothing is trained and nothing is kept.
 *     table: the table's name.
 *     sentence: "This network learns who will pass from 1,000 students."
 *     method: "binary cross-entropy · Adam · learning rate 0.03 · seed 0".
 *     columns: that the network reads, in the order of cells.
 *     inputs: numbers that they become.
 *     layers: of the network, the output last.
 *     target: what is predicted.
 *     rows: those that are listed.
 *     count: rows of the table.
 *     training: rows to learn from.
 *     steps: planned.
 *     steps_per_epoch: rows ÷ batch size, rounded up.
 *     epochs: planned.
 *     batch_size: rows a step.
 *     opening: the address whose card is open at first.
 *     can_train: whether steps that were never done can be done here.
 *     tables: the bundled tables.
 */
export interface Scene {
  kind: "scene";
  run: string;
  name: string;
  table: string;
  sentence: string;
  method: string;
  columns: Column[];
  inputs: Input[];
  layers: Layer[];
  target: Target;
  rows: Row[];
  count: number;
  training: number;
  steps: number;
  steps_per_epoch: number;
  epochs: number;
  batch_size: number;
  opening: string;
  can_train: boolean;
  tables: string[];
}

/**
 * A number computed again.
 *
 * Args:
 *     ok: whether it came out the same within what rounding allows.
 *     value: the engine's.
 *     recomputed: from its parts, or by a finite difference.
 *     allowed: the largest difference that rounding explains.
 *     method: "parts" or "finite difference".
 *     sentence: what was done and what came out.
 */
export interface Proof {
  ok: boolean;
  value: number | null;
  recomputed: number | null;
  allowed: number | null;
  method: string;
  sentence: string;
}

/**
 * What a number is made of.
 *
 * Args:
 *     address: where it opens.
 *     name: what people call it: "hours_studied", "bias".
 *     value: the engine's number.
 *     written: the value as it stands in the card's `numbers`, or as short as is sensible.
 *     share: of the sum of all absolute values, with the part's sign; null outside sums.
 *     role: "bias", "rounding" (what no bar shows), "rest" (many small ones) or "".
 *     op: as in `Card`.
 *     numbers: of a product: "1.408 × 1.202".
 *     text: as people say it: "10 h".
 */
export interface Part {
  address: string;
  name: string;
  value: number | null;
  written: string;
  share: number | null;
  role: string;
  op: string;
  numbers: string;
  text: string;
}

/**
 * A number, opened: an explanation without what lies deeper.
 *
 * Args:
 *     address: names it.
 *     name: what people call it.
 *     value: the engine's number.
 *     written: the value as short as is sensible.
 *     unit: the value's.
 *     op: "given", "sum", "product", "function" or "story".
 *     function: for op "function": its name.
 *     formula: in symbols.
 *     numbers: the formula with the numbers; it holds as printed.
 *     parts: what the value is made of, in the order of the formula.
 *     text: as people say it: "76 % yes".
 *     sentence: one sentence for people.
 *     pytorch: PyTorch's spelling.
 *     note: what else must be known, such as that the row was not in the batch.
 *     owner: whose number it is, always said: "row 1", "the batch of 100 rows", "the network".
 *     below: of a function whose first part is a sum: that sum's card, whose bars are to be seen.
 */
export interface Card {
  address: string;
  name: string;
  value: number | null;
  written: string;
  unit: string;
  op: string;
  function: string;
  formula: string;
  numbers: string;
  parts: Part[];
  text: string;
  sentence: string;
  pytorch: string;
  note: string;
  owner: string;
  below: Card | null;
}

/**
 * The card that was asked for.
 */
export interface Explained {
  kind: "explained";
  id: number;
  card: Card;
}

/**
 * The check that was asked for.
 */
export interface Checked {
  kind: "checked";
  id: number;
  address: string;
  proof: Proof;
}

/**
 * One of the five stages of a step.
 *
 * Args:
 *     name: of the stage.
 *     title: such as "Zero gradients".
 *     address: whose card tells it; "" if none does.
 *     numbers: the calculation with its numbers.
 *     sentence: what happens.
 */
export interface Stage {
  name: StageName;
  title: string;
  address: string;
  numbers: string;
  sentence: string;
}

/**
 * The step in its five stages.
 *
 * Args:
 *     id: of the question.
 *     step: from 1.
 *     weight: the address of the weight that moved most, which the stages follow.
 *     stages: all five.
 */
export interface Told {
  kind: "told";
  id: number;
  step: number;
  weight: string;
  stages: Stage[];
}

/**
 * A wish that cannot be met.
 *
 * Args:
 *     id: of the question; 0 if it had none.
 *     wish: its `kind`.
 *     message: what was wanted, what came, and how to mend it.
 */
export interface Failed {
  kind: "failed";
  id: number;
  wish: string;
  message: string;
}

/**
 * The answer to a table that was sent (POST /tables, its bytes as they are, ?name=FILE).
 *
 * Args:
 *     table: how to ask for it.
 *     name: of the file.
 *     rows: of the table.
 *     columns: all names.
 *     target: the column that is probably meant, the last one.
 *     cells: the first rows, as text.
 */
export interface Uploaded {
  table: string;
  name: string;
  rows: number;
  columns: string[];
  target: string;
  cells: string[][];
}

/**
 * An array behind a frame's header.
 *
 * Args:
 *     name: "input" (values of the row that the network reads), "hidden1.z", "hidden1.a",
 *         "hidden1.delta" (only of a row of the step's batch, at rest), a parameter's name,
 *         "grad 0.weight" and "update 0.weight" (new − old of this step; at rest, unless the moment
 *         is after the last step), "losses.low" and "losses.high" (of so many steps each as
 *         `Frame.steps_per_point` says: the lowest and the highest loss).
 *     shape: C order.
 */
export interface Block {
  name: string;
  shape: number[];
}

/**
 * What the network says of a row.
 *
 * Args:
 *     text: "76 % yes".
 *     is_right: whether it is the truth; null where that is not known, or of numbers.
 *     error: of a number, as people say it: how far it lies from the truth.
 */
export interface Prediction {
  text: string;
  is_right: boolean | null;
  error: string;
}

/**
 * The row that goes through the network.
 *
 * Args:
 *     row: of the table, from 1; the typed row comes behind the last one.
 *     is_typed: whether it is one's own.
 *     cells: as people say them, in the order of `Scene.columns`.
 *     sentence: "Row 1: 10 h studied, 7 h sleep."
 *     prediction: of the network as it is at this moment.
 *     truth: as people say it; "" where it is not known.
 *     loss: its own; null where the truth is not known.
 *     is_in_batch: whether the step learns from it; only then there are deltas.
 */
export interface Shown {
  row: number;
  is_typed: boolean;
  cells: string[];
  sentence: string;
  prediction: Prediction;
  truth: string;
  loss: number | null;
  is_in_batch: boolean;
}

/**
 * A moment: the header of a binary frame.
 *
 * Args:
 *     frame: its number, to be acknowledged.
 *     run: as in `Scene`.
 *     owner: what addresses of this moment begin with: "@120 " or "@last ".
 *     step: that comes next, from 1; null after the last planned step.
 *     stage: of the step, from 0: forward, loss, zero gradients, backward, update.
 *     example: the place of the row in the batch, from 1; 0 if it is not in it, or while playing.
 *     batch_rows: rows of the step's batch; 0 after the last step.
 *     done: steps trained so far.
 *     is_playing: whether time goes on.
 *     is_finished: whether the training is over and judged.
 *     position: "step 120 of 500, epoch 12, batch 10".
 *     shown: the row that goes through the network.
 *     predictions: of the rows that are listed.
 *     batch_loss: of the step's batch; null while playing and after the last step.
 *     steps_per_point: of the losses.
 *     arrays: what follows.
 */
export interface Frame {
  frame: number;
  run: string;
  owner: string;
  step: number | null;
  stage: number;
  example: number;
  batch_rows: number;
  done: number;
  is_playing: boolean;
  is_finished: boolean;
  position: string;
  shown: Shown;
  predictions: Prediction[];
  batch_loss: number | null;
  steps_per_point: number;
  arrays: Block[];
}

export type Wish = Look | Play | Pause | Step | Go | Restart | Choose | TypeRow | Page | Explain | Check | Tell | Begin | Ack;

export type Answer = Scene | Rows | Explained | Checked | Told | Failed;
