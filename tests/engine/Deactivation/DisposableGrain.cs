namespace IotPlatform.Engine.Tests;

public sealed class DisposableGrain(Board board) : Grain, IDisposableGrain, IDisposable
{
    private Journal? _journal;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _journal = board.Journal(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _journal!.Add("deactivated");
        return Task.CompletedTask;
    }

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public void Dispose() => _journal!.Add("disposed");
}
