using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;

namespace IotPlatform.Unit.Tests.Devices.Life;

/// <summary>A process with the device's grain in it, on the disk that it shares with those before and after it, and the calls to the grain that are under way.</summary>
internal sealed class LifeProcess(GrainHost host, HeldStore store, IDeviceGrain grain, LifeModel model)
{
    private static readonly string DeliverCall = $"{nameof(IGatewayObserver)}.{nameof(IGatewayObserver.DeliverAsync)}";

    private readonly List<Task> _calls = [];

    public GrainHost Host => host;

    public HeldStore Store => store;

    /// <summary>It has been killed. Whoever is left of it is heard by nobody.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether a copy of a message may be about to reach the gateway.</summary>
    public bool IsDelivering => host.Engine.WaitingCalls.Any(static calls => calls.Count > 0 && calls.Method == DeliverCall);

    /// <summary>Whether everybody who called has his answer, and nothing waits for the disk.</summary>
    public bool IsIdle => _calls.TrueForAll(static call => call.IsCompleted) && store.WaitingCount == 0 && host.Engine.WaitingCalls.All(static calls => calls.Count == 0);

    /// <summary>Calls the grain, and does not wait. Where there is no answer, the store was away, or time has passed.</summary>
    /// <param name="call">The call, and what is to be done with the answer. It is given the time at which it was made.</param>
    /// <param name="failed">What is to be done when the store did not say what became of a write.</param>
    public void Call(Func<IDeviceGrain, long, Task> call, Action? failed = null)
    {
        _calls.RemoveAll(static call => call.IsCompleted);
        _calls.Add(CallAsync());

        async Task CallAsync()
        {
            try
            {
                await call(grain, model.Now());
            }
            catch (StoreUnavailableException)
            {
                model.Check(() => failed?.Invoke());
            }
            catch (TimeoutException)
            {
            }
            catch (Exception exception)
            {
                model.Check(() => Assert.True(IsLost, $"A call failed: {exception}"));
            }
        }
    }
}
