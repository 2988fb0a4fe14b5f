using System.Collections;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>The connected clients of several devices, in their order; MQTT 5.0 and 3.1.1 by turns.</summary>
internal sealed class ClientGroup(RawClient[] clients) : IReadOnlyList<RawClient>, IAsyncDisposable
{
    public int Count => clients.Length;

    public RawClient this[int index] => clients[index];

    public static async Task<ClientGroup> ConnectAsync(GatewayProcess gateway, Device[] devices)
    {
        var connecting = devices.Select((device, i) => RawClient.ConnectAsync(gateway.Mqtt, device.Connect(VersionOf(i))));
        try
        {
            return new ClientGroup(await Task.WhenAll(connecting));
        }
        catch (ConnectRefusedException refused)
        {
            throw new InvalidOperationException($"{refused.Message} The gateway's log:\n{gateway.Log}", refused);
        }
    }

    /// <summary>Nobody has received anything that was not taken.</summary>
    public async Task AssertNothingWaitsAsync()
    {
        await Task.WhenAll(clients.Select(static client => client.PingAsync()));
        Assert.All(clients, static client => Assert.Equal(0, client.Waiting));
    }

    public IEnumerator<RawClient> GetEnumerator() => clients.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static ProtocolVersion VersionOf(int index) => index % 2 == 0 ? ProtocolVersion.Mqtt500 : ProtocolVersion.Mqtt311;
}
