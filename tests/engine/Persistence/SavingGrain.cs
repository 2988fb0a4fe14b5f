namespace IotPlatform.Engine.Tests;

public sealed class SavingGrain([PersistentState("count", EngineFixture.StorageName)] IPersistentState<SavedCount> count, Board board) : Grain, ISavingGrain
{
    private Journal Journal => board.Journal(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Journal.Add($"activated with {count.State.Value}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Add("deactivated");
        return Task.CompletedTask;
    }

    public Task<int> ValueAsync() => Task.FromResult(count.State.Value);

    public Task<bool> RecordExistsAsync() => Task.FromResult(count.RecordExists);

    public Task SetAsync(int value)
    {
        count.State = count.State with { Value = value };
        return Task.CompletedTask;
    }

    public Task WriteAsync() => count.WriteStateAsync();

    public Task ReadAsync() => count.ReadStateAsync();

    public Task ClearAsync() => count.ClearStateAsync();

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
