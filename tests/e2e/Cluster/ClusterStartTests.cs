using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>How the processes of a cluster begin: what they need, and what they say when they do not have it.</summary>
[Collection(nameof(SmallClusterCollection))]
public sealed class ClusterStartTests(SmallCluster fixture)
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    [SkippableTheory]
    [InlineData("Silo__Port", "0", "Silo:Port must be 1 to 65535.")]
    [InlineData("Silo__Port", "many", "Silo:Port")]
    [InlineData("Silo__AdvertisedAddress", "localhost", "Silo:AdvertisedAddress must be an IP address.")]
    [InlineData("Silo__ProbeInterval", "00:00:00", "Silo:ProbeInterval must be at least 200 ms.")]
    [InlineData("Cluster__ClusterId", "", "Cluster:ClusterId must have 1 to 150 characters.")]
    [InlineData("Cluster__ConnectionString", "nonsense", "Cluster:ConnectionString must be a connection string for PostgreSQL")]
    [InlineData("Cluster__ConnectionString", "", "Cluster:ConnectionString")]
    public async Task Silo_WithAWrongSetting_NamesItAndEnds(string setting, string value, string message)
    {
        var cluster = await fixture.WholeAsync();
        await using var silo = new ServerProcess("The silo", fixture.Build.Silo, [.. cluster.Settings, (setting, value)]);

        Assert.Equal(1, await silo.RunAsync(EndPatience));

        AssertOnlyNames(message, silo.Log);
    }

    [SkippableTheory]
    [InlineData("Mqtt__Shards", "0", "Mqtt:Shards must be 1 to 8.")]
    [InlineData("Mqtt__GatewayId", "not a name", "Mqtt:GatewayId must be")]
    [InlineData("Mqtt__Drain__ConnectionsPerSecond", "0", "Mqtt:Drain:ConnectionsPerSecond must be positive.")]
    [InlineData("Bootstrap__AdminKey", "", "Bootstrap:AdminKey")]
    [InlineData("Http__Address", "here", "Http:Address must be an IP address.")]
    [InlineData("Cluster__ResponseTimeout", "00:00:00", "Cluster:ResponseTimeout must be at least one second.")]
    [InlineData("Cluster__ConnectionString", "nonsense", "Cluster:ConnectionString must be a connection string for PostgreSQL")]
    public async Task Gateway_WithAWrongSetting_NamesItAndEnds(string setting, string value, string message)
    {
        var cluster = await fixture.WholeAsync();
        await using var gateway = new ServerProcess("The gateway", fixture.Build.Gateway, [
            .. cluster.Settings,
            ("Bootstrap__AdminKey", GatewayProcess.AdminKey),
            ("Mqtt__Port", "0"), ("Http__Port", "0"), ("Grpc__Port", "0"),
            (setting, value),
        ]);

        Assert.Equal(1, await gateway.RunAsync(EndPatience));

        AssertOnlyNames(message, gateway.Log);
    }

    [SkippableFact]
    public async Task Migrate_AgainAndThreeAtOnce_BringsTheDatabaseUpToDateOnce()
    {
        await using var cluster = await fixture.AnotherAsync(isMigrated: false);

        var atOnce = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.MigrateAsync()));
        var again = await cluster.MigrateAsync();

        Assert.All(atOnce, static run => Assert.True(run.ExitCode == 0, run.Log));
        var applied = string.Join('\n', atOnce.Select(static run => run.Log)).Split('\n').Where(static line => line.StartsWith("applied ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(applied);
        Assert.Equal(applied.Count, applied.Distinct().Count());
        Assert.Equal((0, "The database is up to date."), again);
    }

    [SkippableFact]
    public async Task Silo_WithADatabaseThatIsNotMigrated_SaysSoAndEnds()
    {
        await using var cluster = await fixture.AnotherAsync(isMigrated: false);
        await using var silo = new ServerProcess("The silo", fixture.Build.Silo, [
            .. cluster.Settings, ("Silo__Port", $"{Ports.Next()}"), ("Silo__GatewayPort", $"{Ports.Next()}"), ("Silo__AdvertisedAddress", "127.0.0.1"),
        ]);

        Assert.NotEqual(0, await silo.RunAsync(EndPatience));

        Assert.Contains("silo migrate", silo.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Gateway_StartedBeforeItsSilos_WaitsForThem()
    {
        await using var cluster = await fixture.AnotherAsync();
        var gateway = cluster.AddGateway();
        gateway.Launch();
        await Deadline.UntilAsync(
            () => Task.FromResult(gateway.Log), static log => log.Contains("can not be reached yet", StringComparison.Ordinal), "the gateway says that it waits");
        Assert.False(await gateway.IsReadyAsync());

        await cluster.AddSilo().StartAsync();

        await gateway.UntilReadyAsync();
        var device = await gateway.Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());
        await gateway.Api.SendMessageAsync(device, "it was worth waiting");
        Assert.Equal("it was worth waiting", (await client.ReceiveAsync("a message")).Text);
    }

    // A plain line, and not where in the program it was found.
    private static void AssertOnlyNames(string message, string log)
    {
        Assert.Contains(message, log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }
}
