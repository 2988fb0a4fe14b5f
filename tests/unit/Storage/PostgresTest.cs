namespace IotPlatform.Unit.Tests.Storage;

/// <summary>A test on a database of its own.</summary>
[Collection(PostgresCollection.Name)]
public abstract class PostgresTest(PostgresHost host) : IAsyncLifetime
{
    protected PostgresHost Host => host;

    public virtual Task InitializeAsync() => host.OpenAsync();

    public virtual async Task DisposeAsync() => await host.DisposeAsync();
}
