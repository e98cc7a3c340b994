// Judgement: from what was seen to findings. Observations come in as values; ``Evidence`` orders them; a ``Rule`` for
// each page of checks/ says pass, fail or "could not tell" of each subject; a ``Report`` holds all of it.
//
// It is a function of its arguments: no network, no clock, no file. Left out: how things were observed (Probes), how a
// report looks (Rendering), and what is done about it (Monitor).
