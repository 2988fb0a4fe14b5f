-- Orleans' ADO.NET providers bring no SQL of their own: at start they read every statement that they will ever run from this table, by
-- its key. The name of the table and of its columns is theirs; the tables behind the statements are named as this project's others are.
-- A provider passes its parameters by name (@DeploymentId, ...) with the types of .NET, and reads the columns of the results by name, in
-- any case of letters.
CREATE TABLE OrleansQuery (
  QueryKey  text NOT NULL PRIMARY KEY,
  QueryText text NOT NULL
);
