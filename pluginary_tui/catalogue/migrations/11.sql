-- The label of a LADSPA, by which some projects name it, and what tells a preset file that was moved or renamed.

ALTER TABLE plugin ADD COLUMN label TEXT NOT NULL DEFAULT '';
UPDATE bundle SET reading = 0 WHERE format = 'ladspa';
ALTER TABLE user_preset ADD COLUMN content TEXT NOT NULL DEFAULT '';
