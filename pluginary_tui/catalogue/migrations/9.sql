-- Plugins that are one product in several formats.

ALTER TABLE plugin ADD COLUMN product TEXT NOT NULL DEFAULT '';
UPDATE plugin SET product = product_id(vendor, name);
CREATE INDEX plugin_product ON plugin (product);
CREATE TABLE product_choice (
    id      TEXT PRIMARY KEY,
    product TEXT NOT NULL
) WITHOUT ROWID;
