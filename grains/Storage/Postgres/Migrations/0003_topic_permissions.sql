-- What the devices of a product may use beyond their own branches.
ALTER TABLE product ADD COLUMN topic_permissions text NOT NULL DEFAULT '[]';
