
namespace IotPlatform.Broadcasts;

/// <summary>
/// A tier of the broadcast tree between the root and the gateways: passes batches on to its part of the targets and adds up the answers.
/// Key: <see cref="KeyOf"/>; it keeps nothing that matters.
/// </summary>
[Alias("iot.broadcast-relay")]
public interface IBroadcastRelayGrain : IGrainWithStringKey
{
    /// <summary>The key of a relay by its place in a product's tree, such as <c>0.3</c>.</summary>
    static string KeyOf(string productKey, string place) => $"relay/{productKey}/{place}";

    /// <summary>Passes a batch on.</summary>
    [Alias("relay"), ResponseTimeout("00:00:12")]
    Task<BroadcastTallies> RelayAsync(RelayRequest request);
}
