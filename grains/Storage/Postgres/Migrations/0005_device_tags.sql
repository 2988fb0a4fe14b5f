-- What is said of a device, so that it can be addressed with others: a JSON object of texts.
ALTER TABLE device ADD COLUMN tags text NOT NULL DEFAULT '{}';
