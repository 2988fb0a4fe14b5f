namespace IotPlatform.Unit.Tests.Storage;

/// <summary>Tests that need PostgreSQL: one server for all of them, one after the other, because some of them stop it.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
