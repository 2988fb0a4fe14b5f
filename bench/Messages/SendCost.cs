using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>What messages cost a server from here on: CPU time, writes to its store, allocations.</summary>
internal sealed class SendCost(IServer server)
{
    private readonly StoreCount _store = new(server);
    private readonly AllocationSpan _allocations = new(server);
    private readonly CpuSpan _cpu = new(server);

    /// <summary>Adds it, by message.</summary>
    public void AddTo(Figures figures, int messages, TimeSpan elapsed)
    {
        _cpu.AddTo(figures, "", messages);
        _store.AddTo(figures, messages, elapsed);
        _allocations.AddTo(figures, "", messages);
    }
}
