using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Api;

/// <summary>Asks every gateway that is alive.</summary>
internal sealed class AllGateways(IGrainFactory grains)
{
    /// <param name="question">Asks one shard of a gateway.</param>
    /// <param name="ofEveryShard">Whether it is about the shard's connections; otherwise about the whole gateway.</param>
    /// <returns>The answers, and the gateways that gave none.</returns>
    public async Task<(ImmutableArray<T> Answers, ImmutableArray<GatewayId> Silent)> AskAsync<T>(Func<GatewayLease, IGatewayObserver, Task<T>> question, bool ofEveryShard)
    {
        var list = await grains.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).ListAsync();
        var calls = await Task.WhenAll(list.Gateways.SelectMany(gateway =>
            (ofEveryShard ? gateway.Shards : gateway.Shards[..1]).Select(shard => AskAsync(gateway, shard, question))));
        return (
            [.. calls.Where(static call => call.IsAnswered).Select(static call => call.Answer!)],
            [.. calls.Where(static call => !call.IsAnswered).Select(static call => call.Gateway).Distinct()]);
    }

    private static async Task<(GatewayId Gateway, bool IsAnswered, T? Answer)> AskAsync<T>(GatewayLease gateway, IGatewayObserver shard, Func<GatewayLease, IGatewayObserver, Task<T>> question)
    {
        try
        {
            return (gateway.Gateway, true, await question(gateway, shard));
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            // It may be going just now. Whoever asked is told.
            return (gateway.Gateway, false, default);
        }
    }
}
