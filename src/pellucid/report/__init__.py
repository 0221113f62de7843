"""An honest judgement of a model: against the simple answers, with the room for chance."""
