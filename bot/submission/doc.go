// Package submission brings people's messages to Plusofon: what they say becomes content,
// gathers in drafts and behind the question where it goes, is submitted once, and is
// told about by a reaction and a receipt until its fate is known.
//
// A message is submitted at most once however often its update or its button comes. What
// is not certainly sent can still be changed; what is unknown is never guessed here: the
// loops read it back, and package ticket finds it.
package submission
