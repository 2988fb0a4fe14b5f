using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

[StatelessWorker(3)]
public sealed class WorkerGrain(Board board) : Grain, IWorkerGrain
{
    public async Task WorkAsync()
    {
        var key = this.GetPrimaryKeyString();
        var meter = board.Meter(key);
        meter.Enter();
        board.Journal(key).Add("starts");
        await board.Gate(key).PassAsync();
        meter.Exit();
    }
}
