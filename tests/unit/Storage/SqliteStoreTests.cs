namespace IotPlatform.Unit.Tests.Storage;

/// <summary>The suite on SQLite.</summary>
public sealed class SqliteStoreTests() : StoreTests(new SqliteHost());
