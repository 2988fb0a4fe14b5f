using IotPlatform.Gateways;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Who this gateway is.</summary>
internal sealed class GatewayIdentity(IOptions<GatewayOptions> options, TimeProvider time)
{
    public GatewayId Gateway { get; } = new(options.Value.GatewayId);

    /// <summary>New at each start, and later than all before.</summary>
    public long Epoch { get; } = time.GetUtcNow().UtcTicks;
}
