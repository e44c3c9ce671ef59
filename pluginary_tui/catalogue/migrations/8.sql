-- What an LV2 plugin needs of its host.

ALTER TABLE plugin_text ADD COLUMN needs TEXT NOT NULL DEFAULT '';
