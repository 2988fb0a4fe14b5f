using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Load;

/// <summary>
/// The one thread of a load: waits for devices and callers and lets them work. Callers have an epoll of their own inside the devices' one,
/// so that an answer is seen within one batch of device events, however many devices have something to read.
/// </summary>
internal sealed class LoadLoop : IDisposable
{
    private const int CallersToken = -1;

    // Small enough for answers to be timed well, large enough that the waits cost nothing beside the receives.
    private const int EventsMax = 64;

    private readonly Epoll _devices = new(EventsMax);
    private readonly Epoll _callers = new(EventsMax);

    public LoadLoop() => _devices.Watch(_callers.Descriptor, Epoll.Readable, CallersToken);

    public Epoll Devices => _devices;

    public Epoll Callers => _callers;

    /// <summary>Waits for at most this long, handles one batch of events, and answers whether there were any.</summary>
    public bool Turn(DeviceFleet fleet, ICaller? caller, int timeoutMilliseconds)
    {
        var count = _devices.Wait(timeoutMilliseconds);
        for (var index = 0; index < count; index++)
        {
            var token = _devices.TokenAt(index);
            if (token != CallersToken)
            {
                fleet.Handle(token, _devices.EventsAt(index));
            }
        }

        if (caller is not null && count > 0)
        {
            HandleAnswers(caller);
        }

        return count > 0;
    }

    public void Dispose()
    {
        _callers.Dispose();
        _devices.Dispose();
    }

    private void HandleAnswers(ICaller caller)
    {
        var count = _callers.Wait(0);
        for (var index = 0; index < count; index++)
        {
            caller.Handle(_callers.TokenAt(index));
        }
    }
}
