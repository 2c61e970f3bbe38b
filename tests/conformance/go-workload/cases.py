#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints COUNT random Deployments and StatefulSets, most of them wrong, one a line.

usage: cases.py COUNT | go run -mod=mod . > ../../unit/manifest/workload_vectors.txt
"""
import json
import random
import sys

r=random.Random(7)
def pick(*x): return r.choice(x)
def maybe(p): return r.random()<p
names=['c','web','C','a.b','-a','a'*64,'','x1']
qs=['1','500m','1Gi','0.1m','-1','1e3','2','1500m','0','100Mi','1.5']
rn=['cpu','memory','cpu','memory','ephemeral-storage','nvidia.com/gpu','gpu','pods','hugepages-2Mi','a b','x/y/z','kubernetes.io/batch-cpu','requests.nvidia.com/gpu']
def rl():
    return {pick(*rn):pick(*qs) for _ in range(r.randint(0,3))}
def handler(sleep):
    h={}
    if maybe(.4): h['exec']={'command':['x']} if maybe(.7) else {}
    if maybe(.4): h['httpGet']={'port':pick(80,0,70000)}
    if maybe(.2): h['tcpSocket']={'port':pick(80,-1)}
    if sleep and maybe(.3): h['sleep']={'seconds':pick(0,5,31,-1)}
    if not sleep and maybe(.1): h['grpc']={'port':pick(1,0)}
    return h
def probe():
    p=handler(False)
    for k in ['initialDelaySeconds','periodSeconds','timeoutSeconds','successThreshold','failureThreshold']:
        if maybe(.3): p[k]=pick(0,1,2,5,-1)
    if maybe(.1): p['terminationGracePeriodSeconds']=pick(0,1,-1)
    return p
def cont(init):
    c={}
    if maybe(.95): c['name']=pick(*names) if maybe(.3) else 'c%d'%r.randint(0,5)
    if maybe(.95): c['image']='img'
    if maybe(.6):
        c['resources']={}
        if maybe(.7): c['resources']['limits']=rl()
        if maybe(.7): c['resources']['requests']=rl()
    for k in ['livenessProbe','readinessProbe','startupProbe']:
        if maybe(.2): c[k]=probe()
    if maybe(.2):
        c['lifecycle']={}
        if maybe(.7): c['lifecycle']['preStop']=handler(True)
        if maybe(.3): c['lifecycle']['postStart']=handler(True)
    if init and maybe(.4): c['restartPolicy']='Always'
    return c
def labels():
    return {pick('app','tier','a/b','x','-x','a/b/c'):pick('web','b','','a b','z'*64) for _ in range(r.randint(0,3))} if maybe(.3) else {'app':'web'}
def selector():
    if maybe(.7): return {'matchLabels':{'app':'web'}}
    s={}
    if maybe(.5): s['matchLabels']=labels()
    if maybe(.5):
        s['matchExpressions']=[]
        for _ in range(r.randint(1,2)):
            e={'key':pick('app','x','-x',''),'operator':pick('In','NotIn','Exists','DoesNotExist','Is')}
            if maybe(.6): e['values']=[pick('web','b','a b','') for _ in range(r.randint(0,2))]
            s['matchExpressions'].append(e)
    return s
def iop(): return pick(0,1,-1,5,'25%','0%','101%','5','x','%','200%')
def obj():
    sts=maybe(.4)
    o={'apiVersion':'apps/v1','kind':'StatefulSet' if sts else 'Deployment','metadata':{}}
    if maybe(.95): o['metadata']['name']=pick('web','a.b','A','web-1','x'*64,'x'*254) if maybe(.3) else 'web'
    if maybe(.2): o['metadata']['namespace']=pick('ns','N','a.b')
    if maybe(.2): o['metadata']['labels']=labels()
    ps={}
    if maybe(.95): ps['containers']=[cont(False) for _ in range(r.randint(1,3))]
    if maybe(.3): ps['initContainers']=[cont(True) for _ in range(r.randint(1,2))]
    if maybe(.1): ps['restartPolicy']=pick('Always','Never','OnFailure','x')
    if maybe(.2): ps['terminationGracePeriodSeconds']=pick(0,5,60,-1)
    if maybe(.05): ps['activeDeadlineSeconds']=pick(5,)
    if maybe(.2):
        ps['resources']={}
        if maybe(.7): ps['resources']['limits']={pick('cpu','memory','hugepages-2Mi','gpu'):pick('1','2','10','20Gi')}
        if maybe(.7): ps['resources']['requests']={pick('cpu','memory'):pick('1','2','10','20Gi','100m')}
    if maybe(.1): ps['overhead']={pick('cpu','memory','gpu'):pick('1','100m','-1')}
    sp={'template':{'metadata':{'labels':labels()},'spec':ps}}
    if maybe(.95): sp['selector']=selector()
    if maybe(.3): sp['replicas']=pick(0,1,5,-1)
    if maybe(.2): sp['minReadySeconds']=pick(0,10,600,-1)
    if maybe(.2): sp['revisionHistoryLimit']=pick(0,10,-1)
    if sts:
        if maybe(.3): sp['podManagementPolicy']=pick('Parallel','OrderedReady','x')
        if maybe(.3):
            u={}
            if maybe(.6): u['type']=pick('RollingUpdate','OnDelete','x')
            if maybe(.6):
                u['rollingUpdate']={}
                if maybe(.6): u['rollingUpdate']['partition']=pick(0,1,-1)
                if maybe(.3): u['rollingUpdate']['maxUnavailable']=iop()
            sp['updateStrategy']=u
        if maybe(.3): sp['serviceName']=pick('db','DB','a.b')
        if maybe(.2): sp['ordinals']={'start':pick(0,2,-1)}
    else:
        if maybe(.2): sp['progressDeadlineSeconds']=pick(0,10,600,-1)
        if maybe(.4):
            u={}
            if maybe(.6): u['type']=pick('RollingUpdate','RollingUpdate','Recreate','x')
            if maybe(.7):
                u['rollingUpdate']={}
                if maybe(.6): u['rollingUpdate']['maxSurge']=iop()
                if maybe(.6): u['rollingUpdate']['maxUnavailable']=iop()
            sp['strategy']=u
    o['spec']=sp
    return o
for _ in range(int(sys.argv[1])):
    print(json.dumps(obj()))
