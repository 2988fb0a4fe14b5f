using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotPlatform.Sessions;

/// <summary>What every shard of the sessions uses.</summary>
internal sealed class SessionServices(
    ISessionStore store, LiveGateways gateways, WillPublisher wills, IOptions<SessionOptions> options, SessionInstruments instruments, TimeProvider time, ILogger<SessionShardGrain> logger)
{
    public ISessionStore Store => store;

    public LiveGateways Gateways => gateways;

    public WillPublisher Wills => wills;

    public AnyGateway AnyGateway { get; } = new(gateways, time, logger);

    public SessionOptions Options { get; } = options.Value;

    public SessionInstruments Instruments => instruments;

    public TimeProvider Time => time;

    public ILogger Logger => logger;
}
