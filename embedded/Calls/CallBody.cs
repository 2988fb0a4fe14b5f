namespace IotPlatform.Embedded;

/// <summary>
/// One call's method and arguments. A struct by arity, so that a call that runs at once allocates nothing for them.
/// </summary>
internal interface ICallBody
{
    Task Invoke(object target);
}

internal readonly struct CallBody<TTarget>(Delegate method) : ICallBody
{
    public Task Invoke(object target) => ((Func<TTarget, Task>)method)((TTarget)target);
}

internal readonly struct CallBody<TTarget, T1>(Delegate method, T1 arg1) : ICallBody
{
    public Task Invoke(object target) => ((Func<TTarget, T1, Task>)method)((TTarget)target, arg1);
}

internal readonly struct CallBody<TTarget, T1, T2>(Delegate method, T1 arg1, T2 arg2) : ICallBody
{
    public Task Invoke(object target) => ((Func<TTarget, T1, T2, Task>)method)((TTarget)target, arg1, arg2);
}

internal readonly struct CallBody<TTarget, T1, T2, T3>(Delegate method, T1 arg1, T2 arg2, T3 arg3) : ICallBody
{
    public Task Invoke(object target) => ((Func<TTarget, T1, T2, T3, Task>)method)((TTarget)target, arg1, arg2, arg3);
}

internal readonly struct CallBody<TTarget, T1, T2, T3, T4>(Delegate method, T1 arg1, T2 arg2, T3 arg3, T4 arg4) : ICallBody
{
    public Task Invoke(object target) => ((Func<TTarget, T1, T2, T3, T4, Task>)method)((TTarget)target, arg1, arg2, arg3, arg4);
}
