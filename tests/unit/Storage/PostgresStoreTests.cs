namespace IotPlatform.Unit.Tests.Storage;

/// <summary>The suite on PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresStoreTests(PostgresFixture fixture) : StoreTests(new PostgresHost(fixture));
