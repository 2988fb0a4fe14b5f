-- The state of grains. A row's version is the ETag that the provider hands back with the next write; a statement that finds another version
-- changes nothing and answers no row, which the provider takes for a conflict. The primary key decides between two first writes at once.
-- The hashes that the provider also passes are not kept: the key itself is indexed.
CREATE TABLE orleans_grain_state (
  service_id text COLLATE "C" NOT NULL,
  grain_type text COLLATE "C" NOT NULL,
  key_text   text COLLATE "C" NOT NULL, -- a string key, or the extension of another; empty for none
  key_n0     bigint           NOT NULL, -- the halves of a number or a GUID; 0 for a string key
  key_n1     bigint           NOT NULL,
  payload    bytea            NULL,     -- null once the state has been cleared
  version    integer          NOT NULL,
  changed_at timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (service_id, grain_type, key_text, key_n0, key_n1)
) WITH (fillfactor = 70);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ReadFromStorageKey', $query$
SELECT payload AS PayloadBinary, version AS Version
FROM orleans_grain_state
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString
  AND key_text = coalesce(@GrainIdExtensionString, '') AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1
$query$);

-- A version says that the state has been read before: the row must still have it. None says that there was no row: there must still be none.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('WriteToStorageKey', $query$
WITH changed AS (
  UPDATE orleans_grain_state SET payload = @PayloadBinary, version = version + 1, changed_at = now()
  WHERE service_id = @ServiceId AND grain_type = @GrainTypeString
    AND key_text = coalesce(@GrainIdExtensionString, '') AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1
    AND version = @GrainStateVersion
  RETURNING version
), added AS (
  INSERT INTO orleans_grain_state (service_id, grain_type, key_text, key_n0, key_n1, payload, version)
  SELECT @ServiceId, @GrainTypeString, coalesce(@GrainIdExtensionString, ''), @GrainIdN0, @GrainIdN1, @PayloadBinary, 1
  WHERE @GrainStateVersion IS NULL
  ON CONFLICT (service_id, grain_type, key_text, key_n0, key_n1) DO NOTHING
  RETURNING version
)
SELECT version AS NewGrainStateVersion FROM changed
UNION ALL
SELECT version FROM added
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ClearStorageKey', $query$
UPDATE orleans_grain_state SET payload = NULL, version = version + 1, changed_at = now()
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString
  AND key_text = coalesce(@GrainIdExtensionString, '') AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1
  AND version = @GrainStateVersion
RETURNING version AS NewGrainStateVersion
$query$);

-- What comes back must differ from the version that was passed: the same one would be taken for a conflict.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('DeleteStorageKey', $query$
DELETE FROM orleans_grain_state
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString
  AND key_text = coalesce(@GrainIdExtensionString, '') AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1
  AND version = @GrainStateVersion
RETURNING version + 1 AS NewGrainStateVersion
$query$);
