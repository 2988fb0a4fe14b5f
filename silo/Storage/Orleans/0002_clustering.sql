-- The membership of a cluster. Every change of a silo's row counts the cluster's version up by one, and is made only when the version is
-- still the one that the silo had read: of two silos that change the membership at once, one is told to read again. Both rows change in one
-- statement, so there is nothing to roll back. A silo's "I am alive" is the exception: it is written without looking at the version.

CREATE TABLE orleans_cluster (
  cluster_id text COLLATE "C" NOT NULL PRIMARY KEY,
  version    integer          NOT NULL DEFAULT 0,
  changed_at timestamptz      NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Each silo writes its row every half minute; no index looks at what changes.
CREATE TABLE orleans_silo (
  cluster_id    text COLLATE "C" NOT NULL REFERENCES orleans_cluster (cluster_id) ON DELETE CASCADE,
  address       text COLLATE "C" NOT NULL,
  port          integer          NOT NULL,
  generation    integer          NOT NULL,
  silo_name     text             NOT NULL,
  host_name     text             NOT NULL,
  status        integer          NOT NULL, -- SiloStatus: 3 is Active
  proxy_port    integer          NOT NULL, -- where clients connect; 0 for a silo that takes none
  suspect_times text             NULL,
  started_at    timestamptz      NOT NULL,
  alive_at      timestamptz      NOT NULL,
  PRIMARY KEY (cluster_id, address, port, generation)
) WITH (fillfactor = 50);

-- Answers true when there was none.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('InsertMembershipVersionKey', $query$
WITH added AS (
  INSERT INTO orleans_cluster (cluster_id) VALUES (@DeploymentId)
  ON CONFLICT (cluster_id) DO NOTHING
  RETURNING cluster_id
)
SELECT count(*) > 0 FROM added
$query$);

-- Answers true when the silo was added: it was not there, and the version was the expected one.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('InsertMembershipKey', $query$
WITH counted AS (
  UPDATE orleans_cluster SET version = version + 1, changed_at = now()
  WHERE cluster_id = @DeploymentId AND version = @Version
    AND NOT EXISTS (
      SELECT FROM orleans_silo AS s
      WHERE s.cluster_id = @DeploymentId AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
  RETURNING cluster_id
), added AS (
  INSERT INTO orleans_silo (
    cluster_id, address, port, generation, silo_name, host_name, status, proxy_port, started_at, alive_at)
  SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
  FROM counted
  RETURNING cluster_id
)
SELECT count(*) > 0 FROM added
$query$);

-- Answers true when the silo was changed: it is there, and the version was the expected one.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('UpdateMembershipKey', $query$
WITH counted AS (
  UPDATE orleans_cluster SET version = version + 1, changed_at = now()
  WHERE cluster_id = @DeploymentId AND version = @Version
    AND EXISTS (
      SELECT FROM orleans_silo AS s
      WHERE s.cluster_id = @DeploymentId AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
  RETURNING cluster_id
), changed AS (
  UPDATE orleans_silo AS s SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
  FROM counted
  WHERE s.cluster_id = counted.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
  RETURNING s.cluster_id
)
SELECT count(*) > 0 FROM changed
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('UpdateIAmAlivetimeKey', $query$
UPDATE orleans_silo SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$);

-- The version must come back even when no silo does: the silo's columns are null then.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('MembershipReadRowKey', $query$
SELECT c.version AS Version,
  s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName, s.host_name AS HostName,
  s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes, s.started_at AS StartTime, s.alive_at AS IAmAliveTime
FROM orleans_cluster AS c
LEFT JOIN orleans_silo AS s
  ON s.cluster_id = c.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
WHERE c.cluster_id = @DeploymentId
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('MembershipReadAllKey', $query$
SELECT c.version AS Version,
  s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName, s.host_name AS HostName,
  s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes, s.started_at AS StartTime, s.alive_at AS IAmAliveTime
FROM orleans_cluster AS c
LEFT JOIN orleans_silo AS s ON s.cluster_id = c.cluster_id
WHERE c.cluster_id = @DeploymentId
$query$);

-- For clients: where the silos listen that have the asked status.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('GatewaysQueryKey', $query$
SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
FROM orleans_silo
WHERE cluster_id = @DeploymentId AND status = @Status AND proxy_port > 0
$query$);

-- Its silos go with it.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('DeleteMembershipTableEntriesKey', $query$
DELETE FROM orleans_cluster WHERE cluster_id = @DeploymentId
$query$);

-- A silo that was lost while it joined or stopped never comes to be dead, and is as gone as one that did: whatever is not active.
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM orleans_silo
WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$query$);
