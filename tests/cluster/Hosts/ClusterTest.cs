using IotPlatform.Testkit;

namespace IotPlatform.Cluster.Tests.Hosts;

/// <summary>A test on the cluster of its collection.</summary>
[Collection(ClusterCollection.Name)]
public abstract class ClusterTest(ClusterFixture cluster) : IAsyncLifetime
{
    private static int s_lastName;

    private protected ClusterFixture Cluster => cluster;

    private protected GatewayHost A => cluster.A;

    private protected GatewayHost B => cluster.B;

    public Task InitializeAsync()
    {
        cluster.Require();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>A name that no other test has.</summary>
    private protected static string NewName(string kind) => $"{kind}{Interlocked.Increment(ref s_lastName)}";

    private protected static Task<string> StatusAsync(GatewayHost gateway, string device, string messageId, string wanted) =>
        Deadline.UntilAsync(
            async () => (string)(await gateway.GetAsync($"/v1/products/demo/devices/{device}/messages/{messageId}"))["status"]!,
            status => status == wanted,
            $"message {messageId} of {device} to be {wanted}");

    private protected static Task<bool> OnlineAsync(GatewayHost gateway, string device, bool wanted) =>
        Deadline.UntilAsync(
            async () => (bool)(await gateway.GetDeviceAsync(device))["online"]!,
            isOnline => isOnline == wanted,
            $"{device} to be {(wanted ? "online" : "offline")}");
}
