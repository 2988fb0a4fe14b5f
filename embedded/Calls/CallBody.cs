namespace IotPlatform.Embedded;

internal readonly struct CallBody<TTarget>(Delegate method) : ICallBody
{
    public Task Invoke(object target) => ((Func<TTarget, Task>)method)((TTarget)target);

    public void SetToken(CancellationToken token)
    {
        // It has none.
    }
}

internal struct CallBody<TTarget, T1>(Delegate method, T1 arg1) : ICallBody
{
    private T1 _arg1 = arg1;

    public readonly Task Invoke(object target) => ((Func<TTarget, T1, Task>)method)((TTarget)target, _arg1);

    public void SetToken(CancellationToken token) => Arguments.SetToken(ref _arg1, token);
}

internal struct CallBody<TTarget, T1, T2>(Delegate method, T1 arg1, T2 arg2) : ICallBody
{
    private T1 _arg1 = arg1;
    private T2 _arg2 = arg2;

    public readonly Task Invoke(object target) => ((Func<TTarget, T1, T2, Task>)method)((TTarget)target, _arg1, _arg2);

    public void SetToken(CancellationToken token)
    {
        Arguments.SetToken(ref _arg1, token);
        Arguments.SetToken(ref _arg2, token);
    }
}

internal struct CallBody<TTarget, T1, T2, T3>(Delegate method, T1 arg1, T2 arg2, T3 arg3) : ICallBody
{
    private T1 _arg1 = arg1;
    private T2 _arg2 = arg2;
    private T3 _arg3 = arg3;

    public readonly Task Invoke(object target) => ((Func<TTarget, T1, T2, T3, Task>)method)((TTarget)target, _arg1, _arg2, _arg3);

    public void SetToken(CancellationToken token)
    {
        Arguments.SetToken(ref _arg1, token);
        Arguments.SetToken(ref _arg2, token);
        Arguments.SetToken(ref _arg3, token);
    }
}

internal struct CallBody<TTarget, T1, T2, T3, T4>(Delegate method, T1 arg1, T2 arg2, T3 arg3, T4 arg4) : ICallBody
{
    private T1 _arg1 = arg1;
    private T2 _arg2 = arg2;
    private T3 _arg3 = arg3;
    private T4 _arg4 = arg4;

    public readonly Task Invoke(object target) => ((Func<TTarget, T1, T2, T3, T4, Task>)method)((TTarget)target, _arg1, _arg2, _arg3, _arg4);

    public void SetToken(CancellationToken token)
    {
        Arguments.SetToken(ref _arg1, token);
        Arguments.SetToken(ref _arg2, token);
        Arguments.SetToken(ref _arg3, token);
        Arguments.SetToken(ref _arg4, token);
    }
}
